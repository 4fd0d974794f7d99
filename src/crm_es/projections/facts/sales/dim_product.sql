-- Products as they were: price, cost, category and status by business time.
-- Grain: one version of one product. Join a line that occurred at t where
-- valid_from <= t and (valid_to is null or t < valid_to); is_current is the version of now.
-- Units: price and cost in currency, for one.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view dim_product as
with lives as (
    select product_id, max(position) as since from fact_product_change
    where is_known(position) and change = 'registered' group by product_id having count(*) > 1
), told as (
    select fact.*, fact.occurred_at as since from fact_product_change as fact
    anti join lives on lives.product_id = fact.product_id and fact.position < lives.since
    where is_known(fact.position)
), versions as (
    select
        product_id, since, lead(since) over later as until, position,
        arg_max(sku, position) filter (change = 'registered') over upto as sku,
        arg_max_null(name, position)
            filter (change in ('registered', 'renamed')) over upto as name,
        arg_max_null(category, position)
            filter (change in ('registered', 'recategorised')) over upto as category,
        arg_max_null(price, position)
            filter (change in ('registered', 'price_changed')) over upto as price,
        arg_max_null(cost, position)
            filter (change in ('registered', 'cost_changed')) over upto as cost,
        arg_max(currency, position) filter (change = 'registered') over upto as currency,
        arg_max(status, position)
            filter (change in ('registered', 'status_changed')) over upto as status,
        bool_or(change = 'retracted') over upto as is_retracted
    from told
    window
        later as (partition by product_id order by since, position),
        upto as (later rows unbounded preceding)
)
select
    product_id, row_number() over (partition by product_id order by since, position) as version,
    since as valid_from, until as valid_to, until is null as is_current, position, sku, name,
    category, price, cost, currency, status, is_retracted
from versions where sku is not null and (until is null or until > since);
