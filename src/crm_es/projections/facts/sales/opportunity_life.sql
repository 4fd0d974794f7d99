-- Deals from end to end: when each was opened and decided, and what it came to.
-- Grain: one opportunity. decided_at is the last decision that stands, null while it is open.
-- Units: amounts in currency; days_to_decision between the two business days, null where a time
-- is unknown.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view opportunity_life as
with lives as (
    select opportunity_id, max(position) as since from fact_opportunity_transition
    where is_known(position) and change = 'opened' group by opportunity_id having count(*) > 1
), told as (
    select fact.* from fact_opportunity_transition as fact
    anti join lives on lives.opportunity_id = fact.opportunity_id and fact.position < lives.since
    where is_known(fact.position)
), folded as (
    select
        opportunity_id,
        arg_max(customer_id, position) as customer_id,
        arg_max(to_status, position) as status,
        arg_max(to_stage, position) as stage,
        arg_max(to_owner, position) as owner,
        arg_max_null(to_amount, position) filter (to_status is not null) as amount,
        any_value(to_amount) filter (change = 'opened') as first_amount,
        any_value(currency) as currency,
        arg_max(to_probability, position) as probability,
        arg_max_null(to_close_on, position) filter (to_status is not null) as close_on,
        any_value(pipeline_id) as pipeline_id,
        any_value(product) filter (change = 'opened') as product,
        any_value(lead_id) as lead_id, any_value(campaign_id) as campaign_id,
        any_value(origin) as origin, any_value(source) as source,
        any_value(source_id) as source_id, any_value(attributes) as attributes,
        any_value(occurred_at) filter (change = 'opened') as opened_at,
        any_value(precision) filter (change = 'opened') as opened_precision,
        arg_max(occurred_at, position) filter (change in ('won', 'lost', 'abandoned'))
            as decided_at,
        arg_max(precision, position) filter (change in ('won', 'lost', 'abandoned'))
            as decided_precision,
        arg_max_null(reason, position) filter (change in ('won', 'lost', 'abandoned')) as reason,
        arg_max_null(competitor, position) filter (change = 'lost') as competitor,
        arg_max(order_id, position) as order_id,
        count(*) filter (change in ('advanced', 'regressed')) as moves,
        count(*) filter (change = 'close_date_moved' and to_close_on > from_close_on) as pushes,
        count(*) filter (change = 'reopened') as reopenings,
        bool_or(change = 'retracted') as is_retracted,
        max(position) as position
    from told
    group by opportunity_id
)
select
    * replace (
        if(status in ('open', 'on_hold'), null, decided_at) as decided_at,
        if(status in ('open', 'on_hold'), null, reason) as reason
    ),
    if(
        status not in ('open', 'on_hold')
        and 'unknown' not in (opened_precision, decided_precision),
        datediff('day', business_day(opened_at), business_day(decided_at)), null
    ) as days_to_decision
from folded where opened_at is not null;
