-- What was sold, line by line, and what of it was taken back.
-- Grain: one line of one event of an order. Rows that take something back have the sign turned.
-- change: placed, returned, cancelled, retracted. A retraction says the order never was: it bears
-- the time of the line it takes out; a return or a cancellation bears its own.
-- lines: 1 where a line begins to count, -1 where it no longer does, 0 where part of it came back.
-- Units: amount, discount (taken off already) and cost in currency, for the whole line; unit_price
-- in currency for one, null where a line is taken back.
create table fact_order_line(
    position bigint not null, order_id uuid not null, line bigint not null,
    change varchar not null, kind varchar not null, customer_id uuid, owner varchar,
    channel varchar, place varchar, country varchar, campaign_id uuid, opportunity_id uuid,
    product_id uuid, sku varchar, occurred_at timestamptz not null, precision varchar not null,
    lines tinyint not null, quantity decimal(18,4) not null, unit_price decimal(18,6),
    discount_rate decimal(18,6), discount decimal(18,6), amount decimal(18,6) not null,
    cost decimal(18,6), currency varchar not null, reason varchar
);

insert into fact_order_line
select
    position, stream_id, line_number, 'placed', kind, customer_id, owner, channel, place, country,
    campaign_id, opportunity_id, line.product_id, line.sku,
    ifnull(line.line_at, occurred_at), precision, 1, line.quantity, line.unit_price,
    line.discount_rate, line.discount, line.amount, line.cost, currency, null
from (
    select *, unnest(lines) as line, generate_subscripts(lines, 1) as line_number
    from events.order_placed where is_new(position)
);

insert into fact_order_line
select
    position, stream_id, line.line, 'returned', kind, customer_id, owner, channel, place, country,
    campaign_id, opportunity_id, line.product_id, line.sku, occurred_at, precision, 0,
    -line.quantity, null, null, -line.discount, -line.amount, -line.cost, currency, reason
from (select *, unnest(lines) as line from events.order_returned where is_new(position));

insert into fact_order_line
select
    position, stream_id, line.line, 'cancelled', kind, customer_id, owner, channel, place, country,
    campaign_id, opportunity_id, line.product_id, line.sku, occurred_at, precision, -1,
    -line.quantity, null, null, -line.discount, -line.amount, -line.cost, currency, reason
from (select *, unnest(lines) as line from events.order_cancelled where is_new(position));

insert into fact_order_line
select
    position, stream_id, line.line, 'retracted', kind, customer_id, owner, channel, place, country,
    campaign_id, opportunity_id, line.product_id, line.sku, ifnull(line.line_at, placed_at),
    precision, -1, -line.quantity, null, null, -line.discount, -line.amount, -line.cost, currency,
    reason
from (select *, unnest(lines) as line from events.order_retracted where is_new(position));
