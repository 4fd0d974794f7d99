-- What became of the products: names, categories, prices and costs as they changed.
-- Grain: one event of a product. dim_product makes of it what held when.
-- change: registered, renamed, recategorised, price_changed, cost_changed, status_changed,
-- retracted. Only registered says everything; the others say what they change.
-- Units: price and cost in currency, for one.
create table fact_product_change(
    position bigint not null, product_id uuid not null, change varchar not null,
    occurred_at timestamptz not null, precision varchar not null,
    sku varchar, name varchar, category varchar,
    price decimal(18,6), cost decimal(18,6), currency varchar, status varchar, source varchar,
    source_id varchar, attributes json, reason varchar
);

insert into fact_product_change by name
select
    position, stream_id as product_id, 'registered' as change, occurred_at, precision,
    sku, name, category, price, cost, currency, status, source, source_id, attributes
from events.product_registered where is_new(position);

insert into fact_product_change by name
select
    position, stream_id as product_id, 'renamed' as change, occurred_at, precision,
    name
from events.product_renamed where is_new(position);

insert into fact_product_change by name
select
    position, stream_id as product_id, 'recategorised' as change, occurred_at, precision,
    to_category as category
from events.product_recategorised where is_new(position);

insert into fact_product_change by name
select
    position, stream_id as product_id, 'price_changed' as change, occurred_at, precision,
    to_price as price, currency
from events.product_price_changed where is_new(position);

insert into fact_product_change by name
select
    position, stream_id as product_id, 'cost_changed' as change, occurred_at, precision,
    to_cost as cost, currency
from events.product_cost_changed where is_new(position);

insert into fact_product_change by name
select
    position, stream_id as product_id, 'status_changed' as change, occurred_at, precision,
    to_status as status
from events.product_status_changed where is_new(position);

insert into fact_product_change by name
select
    position, stream_id as product_id, 'retracted' as change, occurred_at, precision,
    reason
from events.product_retracted where is_new(position);
