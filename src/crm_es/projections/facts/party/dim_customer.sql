-- Customers as they were: owner, tier, country and lifecycle by business time.
-- Grain: one version of one customer. Join a fact that occurred at t where
-- valid_from <= t and (valid_to is null or t < valid_to); is_current is the version of now.
-- position is that of the event that made the version.
create or replace view dim_customer as
select
    customer_id,
    row_number() over (partition by customer_id order by since, position) as version,
    since as valid_from, until as valid_to, until is null as is_current, position, kind, owner,
    tier, country, lifecycle, parent_id, source, source_id, is_retracted
from customer_versions(false);
