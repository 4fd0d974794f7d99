-- Leads from end to end: when each was captured, worked, qualified, converted or given up.
-- Grain: one lead.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view lead_life as
with lives as (
    select lead_id, max(position) as since from fact_lead_stage
    where is_known(position) and change = 'captured' group by lead_id having count(*) > 1
), told as (
    select fact.* from fact_lead_stage as fact
    anti join lives on lives.lead_id = fact.lead_id and fact.position < lives.since
    where is_known(fact.position)
)
select
    lead_id,
    arg_max(customer_id, position) as customer_id,
    arg_max(to_stage, position) as stage,
    arg_max(to_owner, position) as owner,
    any_value(origin) filter (change = 'captured') as origin,
    any_value(page) as page, any_value(campaign_id) as campaign_id,
    any_value(campaign) as campaign, any_value(source) as source,
    any_value(source_id) as source_id, any_value(attributes) as attributes,
    any_value(occurred_at) filter (change = 'captured') as captured_at,
    min(occurred_at) filter (to_stage = 'assigned') as assigned_at,
    min(occurred_at) filter (change = 'worked') as worked_at,
    min(occurred_at) filter (change = 'qualified') as qualified_at,
    arg_max(occurred_at, position) filter (change = 'converted') as converted_at,
    arg_max(occurred_at, position) filter (change = 'disqualified') as disqualified_at,
    arg_max(opportunity_id, position) as opportunity_id,
    arg_max(reason, position) filter (change in ('recycled', 'disqualified')) as reason,
    count(*) filter (change = 'recycled') as recyclings,
    bool_or(change = 'retracted') as is_retracted,
    max(position) as position
from told
group by lead_id
having bool_or(change = 'captured');
