-- Who was in which campaign, in which arm, and how far they came. Control members too.
-- Grain: one event of a member that is neither touch nor response; two rows where a member moves
-- from one arm to another.
-- change: targeted, noticed, retargeted, opted_out, retracted.
-- members: 1 where a customer begins to count as targeted in an arm, -1 where no longer, else 0.
create table fact_campaign_member(
    position bigint not null, campaign_id uuid not null, customer_id uuid not null,
    change varchar not null, occurred_at timestamptz not null, precision varchar not null,
    arm varchar, is_control boolean not null, from_stage varchar, to_stage varchar,
    members tinyint not null, previous_outcome varchar, previous_contacts bigint,
    days_since_previous bigint, source varchar, source_id varchar, reason varchar
);

insert into fact_campaign_member by name
select
    position, campaign_id, customer_id, 'targeted' as change, occurred_at, precision, arm,
    is_control, from_stage, to_stage, 1 as members, previous_outcome, previous_contacts,
    days_since_previous, source, source_id
from events.campaign_member_targeted where is_new(position);

insert into fact_campaign_member by name
select
    position, campaign_id, customer_id, 'noticed' as change, occurred_at, precision, arm,
    is_control, from_stage, to_stage, 0 as members
from events.campaign_member_noticed where is_new(position);

insert into fact_campaign_member by name
select
    position, campaign_id, customer_id, 'retargeted' as change, occurred_at, precision,
    if(sign = 1, arm, from_arm) as arm, if(sign = 1, is_control, from_is_control) as is_control,
    from_stage, to_stage, sign as members
from events.campaign_member_retargeted, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'member') and (sign = 1 or was_targeted);

insert into fact_campaign_member by name
select
    position, campaign_id, customer_id, 'opted_out' as change, occurred_at, precision, arm,
    is_control, from_stage, to_stage, 0 as members, reason
from events.campaign_member_opted_out where is_new(position);

insert into fact_campaign_member by name
select
    position, campaign_id, customer_id, 'retracted' as change, occurred_at, precision, arm,
    is_control, from_stage, if(was_targeted, -1, 0) as members, reason
from events.campaign_member_retracted where is_new(position);
