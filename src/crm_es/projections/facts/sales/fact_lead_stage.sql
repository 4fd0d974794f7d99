-- How leads moved: every change of a lead's stage or owner, with what it was and what it became.
-- Grain: one event of a lead.
-- change: captured, assigned, worked, qualified, converted, recycled, disqualified, retracted.
-- from_stage is null before a lead was captured, to_stage once it was taken back.
-- leads: 1 where a lead begins to count, -1 where it was taken back, else 0.
create table fact_lead_stage(
    position bigint not null, lead_id uuid not null, change varchar not null, customer_id uuid,
    occurred_at timestamptz not null, precision varchar not null, leads tinyint not null,
    from_stage varchar, to_stage varchar, from_owner varchar, to_owner varchar, origin varchar,
    page varchar, campaign_id uuid, campaign varchar, source varchar, source_id varchar,
    attributes json, opportunity_id uuid, reason varchar
);

insert into fact_lead_stage by name
select
    position, stream_id as lead_id, 'captured' as change, customer_id, occurred_at, precision,
    1 as leads, if(owner is null, 'new', 'assigned') as to_stage, owner as to_owner, origin, page,
    campaign_id, campaign, source, source_id, attributes
from events.lead_captured where is_new(position);

insert into fact_lead_stage by name
select
    position, stream_id as lead_id, 'assigned' as change, customer_id, occurred_at, precision,
    0 as leads, from_stage, if(from_stage in ('new', 'recycled'), 'assigned', from_stage)
        as to_stage, from_owner, owner as to_owner, origin
from events.lead_assigned where is_new(position);

insert into fact_lead_stage by name
select
    position, stream_id as lead_id, 'worked' as change, customer_id, occurred_at, precision,
    0 as leads, from_stage, 'in_process' as to_stage, owner as from_owner, owner as to_owner,
    origin
from events.lead_worked where is_new(position);

insert into fact_lead_stage by name
select
    position, stream_id as lead_id, 'qualified' as change, customer_id, occurred_at, precision,
    0 as leads, from_stage, 'qualified' as to_stage, owner as from_owner, owner as to_owner,
    origin
from events.lead_qualified where is_new(position);

insert into fact_lead_stage by name
select
    position, stream_id as lead_id, 'converted' as change, customer_id, occurred_at, precision,
    0 as leads, from_stage, 'converted' as to_stage, owner as from_owner, owner as to_owner,
    origin, opportunity_id
from events.lead_converted where is_new(position);

insert into fact_lead_stage by name
select
    position, stream_id as lead_id, 'recycled' as change, customer_id, occurred_at, precision,
    0 as leads, from_stage, 'recycled' as to_stage, owner as from_owner, owner as to_owner,
    origin, reason
from events.lead_recycled where is_new(position);

insert into fact_lead_stage by name
select
    position, stream_id as lead_id, 'disqualified' as change, customer_id, occurred_at, precision,
    0 as leads, from_stage, 'dead' as to_stage, owner as from_owner, owner as to_owner, origin,
    reason
from events.lead_disqualified where is_new(position);

insert into fact_lead_stage by name
select
    position, stream_id as lead_id, 'retracted' as change, customer_id, occurred_at, precision,
    -1 as leads, from_stage, owner as from_owner, origin, reason
from events.lead_retracted where is_new(position);
