-- What became of the customers: owner, tier, country, lifecycle and the rest as they changed.
-- Grain: one event of a customer. dim_customer makes of it what held when.
-- change: registered, tier_changed, ownership_transferred, country_changed, parent_set,
-- attributes_changed, lifecycle_changed, closed, won_back, role_granted, role_ended, restricted,
-- restriction_lifted, retracted. Only registered says everything; the others say what they change.
-- customers: 1 where a customer begins to count, -1 where it was taken back, else 0. Names and
-- addresses are sealed and not here; attributes are the plain ones.
create table fact_customer_change(
    position bigint not null, customer_id uuid not null, change varchar not null,
    occurred_at timestamptz not null, precision varchar not null,
    customers tinyint not null, kind varchar, owner varchar,
    tier varchar, country varchar, lifecycle varchar, parent_id uuid, role varchar, scope varchar,
    source varchar, source_id varchar, attributes json, reason varchar
);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'registered' as change, occurred_at, precision,
    1 as customers, kind, owner, tier, country, 'prospect' as lifecycle, source,
    source_id, attributes
from events.customer_registered where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'tier_changed' as change, occurred_at, precision,
    0 as customers, to_tier as tier, reason
from events.customer_tier_changed where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'ownership_transferred' as change, occurred_at, precision,
    0 as customers, to_owner as owner, reason
from events.customer_ownership_transferred where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'country_changed' as change, occurred_at, precision,
    0 as customers, to_country as country
from events.customer_country_changed where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'parent_set' as change, occurred_at, precision,
    0 as customers, parent_id
from events.customer_parent_set where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'attributes_changed' as change, occurred_at, precision,
    0 as customers, attributes
from events.customer_attributes_changed where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'lifecycle_changed' as change, occurred_at, precision,
    0 as customers, to_stage as lifecycle, reason
from events.customer_lifecycle_changed where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'closed' as change, occurred_at, precision,
    0 as customers, 'closed' as lifecycle, reason
from events.customer_closed where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'won_back' as change, occurred_at, precision,
    0 as customers, 'active' as lifecycle, reason
from events.customer_won_back where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'role_granted' as change, occurred_at, precision,
    0 as customers, role
from events.customer_role_granted where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'role_ended' as change, occurred_at, precision,
    0 as customers, role
from events.customer_role_ended where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'restricted' as change, occurred_at, precision,
    0 as customers, scope, reason
from events.customer_restricted where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'restriction_lifted' as change, occurred_at, precision,
    0 as customers, scope, reason
from events.customer_restriction_lifted where is_new(position);

insert into fact_customer_change by name
select
    position, stream_id as customer_id, 'retracted' as change, occurred_at, precision,
    -1 as customers, reason
from events.customer_retracted where is_new(position);
