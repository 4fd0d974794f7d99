-- Every deal as it stood at a moment of business time: opportunity_at(timestamptz '...').
-- Grain: one opportunity that had been opened by then. Exact even where something was told late:
-- each thing is what the last recorded of the events up to then made it.
-- Units: amount in currency; probability from 0 to 1.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace macro opportunity_at(moment) as table
with lives as (
    select opportunity_id, max(position) as since from fact_opportunity_transition
    where is_known(position) and change = 'opened' group by opportunity_id having count(*) > 1
), told as (
    select fact.* from fact_opportunity_transition as fact
    anti join lives on lives.opportunity_id = fact.opportunity_id and fact.position < lives.since
    where is_known(fact.position)
)
select
    opportunity_id,
    arg_max_null(customer_id, position) as customer_id,
    case arg_max(change, position) filter (
        change in ('opened', 'held', 'resumed', 'won', 'lost', 'abandoned', 'reopened')
    )
        when 'held' then 'on_hold'
        when 'won' then 'won'
        when 'lost' then 'lost'
        when 'abandoned' then 'abandoned'
        else 'open'
    end as status,
    arg_max(to_stage, position) filter (
        change in ('opened', 'advanced', 'regressed', 'won', 'lost', 'reopened')
    ) as stage,
    arg_max_null(to_owner, position) filter (change in ('opened', 'assigned')) as owner,
    arg_max_null(to_amount, position) filter (change in ('opened', 'amount_revised', 'won'))
        as amount,
    any_value(currency) as currency,
    arg_max(to_probability, position) filter (
        change not in ('amount_revised', 'close_date_moved', 'assigned', 'held', 'resumed',
            'retracted')
    ) as probability,
    arg_max_null(to_close_on, position) filter (change in ('opened', 'close_date_moved'))
        as close_on,
    any_value(pipeline_id) as pipeline_id, any_value(product) filter (change = 'opened') as product
from told
where occurred_at <= moment
group by opportunity_id
having bool_or(change = 'opened') and not bool_or(change = 'retracted');
