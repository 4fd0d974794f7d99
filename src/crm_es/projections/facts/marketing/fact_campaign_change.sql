-- What became of the campaigns: plans, budgets and states as they changed.
-- Grain: one event of a campaign that is no spend. dim_campaign makes of it what held when.
-- change: planned, budget_approved, launched, paused, resumed, completed, cancelled, retracted.
-- Units: budget and spent (until then) in currency; tolerance, 0.1 is ten percent over budget.
create table fact_campaign_change(
    position bigint not null, campaign_id uuid not null, change varchar not null,
    occurred_at timestamptz not null, precision varchar not null,
    name varchar, kind varchar, channel varchar, owner varchar,
    parent_id uuid, starts_on date, ends_on date, state varchar not null, budget decimal(18,4),
    tolerance decimal(18,6), spent decimal(18,4), currency varchar not null, source varchar,
    source_id varchar, attributes json, reason varchar
);

insert into fact_campaign_change by name
select
    position, stream_id as campaign_id, 'planned' as change, occurred_at, precision,
    name, kind, channel, owner, parent_id, starts_on, ends_on, 'planning' as state, currency,
    source, source_id, attributes
from events.campaign_planned where is_new(position);

insert into fact_campaign_change by name
select
    position, stream_id as campaign_id, 'budget_approved' as change, occurred_at, precision,
    to_state as state, budget, tolerance, spent, currency
from events.campaign_budget_approved where is_new(position);

insert into fact_campaign_change by name
select
    position, stream_id as campaign_id, 'launched' as change, occurred_at, precision,
    to_state as state, budget, spent, currency
from events.campaign_launched where is_new(position);

insert into fact_campaign_change by name
select
    position, stream_id as campaign_id, 'paused' as change, occurred_at, precision,
    to_state as state, budget, spent, currency, reason
from events.campaign_paused where is_new(position);

insert into fact_campaign_change by name
select
    position, stream_id as campaign_id, 'resumed' as change, occurred_at, precision,
    to_state as state, budget, spent, currency
from events.campaign_resumed where is_new(position);

insert into fact_campaign_change by name
select
    position, stream_id as campaign_id, 'completed' as change, occurred_at, precision,
    to_state as state, budget, spent, currency
from events.campaign_completed where is_new(position);

insert into fact_campaign_change by name
select
    position, stream_id as campaign_id, 'cancelled' as change, occurred_at, precision,
    to_state as state, budget, spent, currency, reason
from events.campaign_cancelled where is_new(position);

insert into fact_campaign_change by name
select
    position, stream_id as campaign_id, 'retracted' as change, occurred_at, precision,
    to_state as state, budget, spent, currency, reason
from events.campaign_retracted where is_new(position);
