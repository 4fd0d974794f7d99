-- How long deals stayed where: each stay in a stage, and what ended it.
-- Grain: one stay of one opportunity in one stage. until is null while it lasts; the stay after a
-- decision is that in its won or lost stage.
-- Units: seconds, null while it lasts or where a time is unknown.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view opportunity_stay as
with lives as (
    select opportunity_id, max(position) as since from fact_opportunity_transition
    where is_known(position) and change = 'opened' group by opportunity_id having count(*) > 1
), told as (
    select fact.* from fact_opportunity_transition as fact
    anti join lives on lives.opportunity_id = fact.opportunity_id and fact.position < lives.since
    where is_known(fact.position)
), moves as (
    select * from told
    where change in ('opened', 'won', 'lost', 'abandoned', 'reopened', 'retracted')
        or from_stage <> to_stage
), stays as (
    select
        opportunity_id, customer_id, position, to_stage as stage, to_status as status,
        to_owner as owner, to_amount as amount, currency, change as began_with,
        occurred_at as since, precision as since_precision,
        lead(occurred_at) over later as until, lead(precision) over later as until_precision,
        lead(to_stage) over later as next_stage, lead(change) over later as ended_with,
        row_number() over later as number
    from moves window later as (partition by opportunity_id order by occurred_at, position)
)
select
    * exclude (until_precision),
    if(
        'unknown' in (since_precision, until_precision), null, datediff('second', since, until)
    ) as seconds
from stays where stage is not null and began_with <> 'retracted';
