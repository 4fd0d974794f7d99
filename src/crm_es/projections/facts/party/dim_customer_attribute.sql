-- Custom attributes of customers as they were, one by one.
-- Grain: one value of one attribute of one customer. number is the value of numbers and money,
-- flag that of flags; text is the value of any of them.
create or replace view dim_customer_attribute as
with told as (
    select
        customer_id, position, occurred_at as since,
        unnest(json_keys(attributes)) as name, attributes
    from fact_customer_change where is_known(position) and attributes is not null
), valued as (
    select *, json_extract_string(attributes, '$.' || name) as text from told
)
select
    customer_id, name, since as valid_from,
    lead(since) over later as valid_to, lead(since) over later is null as is_current, position,
    text, try_cast(text as decimal(20, 6)) as number, try_cast(text as boolean) as flag
from valued
window later as (partition by customer_id, name order by since, position);
