-- Orders from end to end: placed, promised, shipped, delivered, and what is left of them.
-- Grain: one order.
-- Units: amount as placed, taken_back and net in currency.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view order_life as
with lives as (
    select order_id, max(position) as since from fact_order
    where is_known(position) and change = 'placed' group by order_id having count(*) > 1
), told as (
    select fact.* from fact_order as fact
    anti join lives on lives.order_id = fact.order_id and fact.position < lives.since
    where is_known(fact.position)
)
select
    order_id,
    arg_max(customer_id, position) as customer_id,
    any_value(kind) filter (change = 'placed') as kind,
    any_value(owner) filter (change = 'placed') as owner,
    any_value(channel) filter (change = 'placed') as channel,
    any_value(place) filter (change = 'placed') as place,
    any_value(country) filter (change = 'placed') as country,
    any_value(campaign_id) filter (change = 'placed') as campaign_id,
    any_value(opportunity_id) filter (change = 'placed') as opportunity_id,
    any_value(returns_order_id) as returns_order_id, any_value(number) as number,
    any_value(source) as source, any_value(source_id) as source_id,
    any_value(attributes) as attributes,
    any_value(occurred_at) filter (change = 'placed') as placed_at,
    any_value(precision) filter (change = 'placed') as placed_precision,
    min(occurred_at) filter (change = 'confirmed') as confirmed_at,
    any_value(promised_on) filter (change = 'promised') as first_promised_on,
    arg_max(promised_on, position) filter (change in ('promised', 'promise_revised'))
        as promised_on,
    count(*) filter (change = 'promise_revised') as promise_revisions,
    min(occurred_at) filter (change = 'shipped') as first_shipped_at,
    max(occurred_at) filter (change = 'shipped' and is_complete) as shipped_at,
    max(occurred_at) filter (change = 'delivered' and is_complete) as delivered_at,
    min(occurred_at) filter (change = 'cancelled') as cancelled_at,
    min(occurred_at) filter (change = 'closed') as closed_at,
    any_value(currency) as currency,
    any_value(amount) filter (change = 'placed') as amount,
    -sum(amount) filter (change <> 'placed') as taken_back,
    sum(amount) as net,
    sum(orders) > 0 as counts,
    bool_or(change = 'retracted') as is_retracted,
    max(position) as position
from told
group by order_id
having bool_or(change = 'placed');
