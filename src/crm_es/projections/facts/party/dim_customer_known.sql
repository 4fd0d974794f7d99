-- Customers as we knew them: the same as dim_customer in the order it was recorded.
-- Grain: one version of our knowledge of one customer. Join a fact at its own position p where
-- known_from <= p and (known_to is null or p < known_to): what was known when it was recorded.
create or replace view dim_customer_known as
select
    customer_id,
    row_number() over (partition by customer_id order by position) as version,
    position as known_from, next_position as known_to, next_position is null as is_current,
    kind, owner, tier, country, lifecycle, parent_id, source, source_id, is_retracted
from customer_versions(true);
