-- Every step an order takes, from its placing until it is closed or taken back.
-- Grain: one event of an order.
-- change: placed, confirmed, promised, promise_revised, shipped, delivered, returned, cancelled,
-- closed, retracted. A retraction bears the time of the order it takes out.
-- orders: 1 where an order begins to count, -1 where it no longer does, else 0.
-- Units: amount in currency, the sum of what fact_order_line has of the same event.
create table fact_order(
    position bigint not null, order_id uuid not null, change varchar not null,
    kind varchar, customer_id uuid, owner varchar, channel varchar, place varchar,
    country varchar, campaign_id uuid, opportunity_id uuid, returns_order_id uuid, number varchar,
    source varchar, source_id varchar, attributes json, occurred_at timestamptz not null,
    precision varchar not null, orders tinyint not null, amount decimal(18,6) not null,
    currency varchar, promised_on date, is_complete boolean, reason varchar
);

insert into fact_order
select
    position, stream_id, 'placed', kind, customer_id, owner, channel, place, country, campaign_id,
    opportunity_id, returns_order_id, number, source, source_id, attributes, occurred_at,
    precision, 1, amount, currency, null, null, null
from events.order_placed where is_new(position);

insert into fact_order by name
select
    position, stream_id as order_id, 'confirmed' as change, customer_id, occurred_at, precision,
    0 as orders, 0 as amount
from events.order_confirmed where is_new(position);

insert into fact_order by name
select
    position, stream_id as order_id, 'promised' as change, customer_id, occurred_at, precision,
    0 as orders, 0 as amount, promised_on
from events.order_delivery_promised where is_new(position);

insert into fact_order by name
select
    position, stream_id as order_id, 'promise_revised' as change, customer_id, occurred_at,
    precision, 0 as orders, 0 as amount, promised_on, reason
from events.order_promise_revised where is_new(position);

insert into fact_order by name
select
    position, stream_id as order_id, 'shipped' as change, customer_id, occurred_at, precision,
    0 as orders, 0 as amount, promised_on, is_complete
from events.order_shipped where is_new(position);

insert into fact_order by name
select
    position, stream_id as order_id, 'delivered' as change, customer_id, occurred_at, precision,
    0 as orders, 0 as amount, promised_on, is_complete
from events.order_delivered where is_new(position);

insert into fact_order by name
select
    position, stream_id as order_id, 'returned' as change, kind, customer_id, owner, channel,
    place, country, campaign_id, opportunity_id, occurred_at, precision, 0 as orders,
    -amount as amount, currency, reason
from events.order_returned where is_new(position);

insert into fact_order by name
select
    position, stream_id as order_id, 'cancelled' as change, kind, customer_id, owner, channel,
    place, country, campaign_id, opportunity_id, occurred_at, precision,
    if(len(lines) > 0, -1, 0) as orders, -amount as amount, currency, reason
from events.order_cancelled where is_new(position);

insert into fact_order by name
select
    position, stream_id as order_id, 'retracted' as change, kind, customer_id, owner, channel,
    place, country, campaign_id, opportunity_id, placed_at as occurred_at, precision,
    if(len(lines) > 0, -1, 0) as orders, -amount as amount, currency, reason
from events.order_retracted where is_new(position);

insert into fact_order by name
select
    position, stream_id as order_id, 'closed' as change, customer_id, occurred_at, precision,
    0 as orders, 0 as amount
from events.order_closed where is_new(position);
