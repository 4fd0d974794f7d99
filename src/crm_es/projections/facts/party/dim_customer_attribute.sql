-- Custom attributes of customers as they were, one by one.
-- Grain: one value of one attribute of one customer. number is the value of numbers and money,
-- flag that of flags; text is the value of any of them.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view dim_customer_attribute as
with lives as (
    select customer_id, max(position) as since from fact_customer_change
    where is_known(position) and change = 'registered' group by customer_id having count(*) > 1
), told as (
    select fact.* from fact_customer_change as fact
    anti join lives on lives.customer_id = fact.customer_id and fact.position < lives.since
    where is_known(fact.position)
), named as (
    select
        customer_id, position, occurred_at as since,
        unnest(json_keys(attributes)) as name, attributes
    from told where attributes is not null
), valued as (
    select *, json_extract_string(attributes, '$.' || name) as text from named
)
select
    customer_id, name, since as valid_from,
    lead(since) over later as valid_to, lead(since) over later is null as is_current, position,
    text, try_cast(text as decimal(20, 6)) as number, try_cast(text as boolean) as flag
from valued
window later as (partition by customer_id, name order by since, position);
