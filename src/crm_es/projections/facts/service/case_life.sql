-- Cases from end to end: opened, first answered, resolved, reopened, closed.
-- Grain: one case; what it is called and who has it as it stands now.
-- Units: seconds between two times, null where either is missing.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view case_life as
with lives as (
    select case_id, max(position) as since from fact_case
    where is_known(position) and change = 'opened' group by case_id having count(*) > 1
), told as (
    select fact.* from fact_case as fact
    anti join lives on lives.case_id = fact.case_id and fact.position < lives.since
    where is_known(fact.position)
), folded as (
    select
        case_id,
        arg_max(customer_id, position) as customer_id,
        arg_max(kind, position) as kind, arg_max_null(channel, position) as channel,
        arg_max_null(category, position) as category, arg_max_null(product, position) as product,
        arg_max_null(priority, position) as priority, arg_max_null("group", position) as "group",
        arg_max_null(assignee, position) as assignee,
        arg_max_null(to_state, position) as state,
        arg_max(pending_on, position) filter (to_state = 'pending') as pending_on,
        arg_max(source_state, position) as source_state,
        arg_max(resolution, position) as resolution,
        any_value(number) as number, any_value(subcategory) as subcategory,
        any_value(region) as region, any_value(source) as source,
        any_value(source_id) as source_id, any_value(attributes) as attributes,
        any_value(opened_at) as opened_at,
        any_value(precision) filter (change = 'opened') as opened_precision,
        min(occurred_at) filter (is_first_response) as first_response_at,
        min(occurred_at) filter (to_state = 'resolved') as first_resolved_at,
        arg_max_null(resolved_at, position) as resolved_at,
        arg_max(occurred_at, position) filter (to_state = 'closed' and from_state <> 'closed')
            as closed_at,
        max(level) as level, max(reassignments) as reassignments, max(reopenings) as reopenings,
        arg_max(is_in_sla, position) as is_in_sla, bool_or(disputed) as disputed,
        arg_max(timely, position) as timely,
        count(*) filter (cases >= 0) as steps,
        bool_or(change = 'retracted') as is_retracted,
        max(position) as position
    from told
    group by case_id
    having bool_or(change = 'opened')
)
select
    *, if(opened_precision = 'unknown', null, datediff('second', opened_at, first_response_at))
        as response_seconds,
    if(opened_precision = 'unknown', null, datediff('second', opened_at, resolved_at))
        as resolution_seconds
from folded;
