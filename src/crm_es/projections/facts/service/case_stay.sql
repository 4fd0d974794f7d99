-- How long cases stayed where: each stay in a state, with whom, and what ended it.
-- Grain: one stay of one case in one state with one assignee and group. until is null while it
-- lasts.
-- Units: seconds, null while it lasts or where a time is unknown.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view case_stay as
with lives as (
    select case_id, max(position) as since from fact_case
    where is_known(position) and change = 'opened' group by case_id having count(*) > 1
), told as (
    select fact.* from fact_case as fact
    anti join lives on lives.case_id = fact.case_id and fact.position < lives.since
    where is_known(fact.position)
), steps as (
    select *, lag({'s': to_state, 'a': assignee, 'g': "group"}) over earlier as before
    from told
    where change not in ('reattributed', 'reclassified', 'retracted')
    window earlier as (partition by case_id order by occurred_at, position)
), stays as (
    select
        case_id, customer_id, position, kind, to_state as state, assignee, "group", pending_on,
        change as began_with, occurred_at as since, precision as since_precision,
        lead(occurred_at) over later as until, lead(precision) over later as until_precision,
        lead(to_state) over later as next_state, lead(change) over later as ended_with,
        row_number() over later as number
    from steps
    where before is distinct from {'s': to_state, 'a': assignee, 'g': "group"}
    window later as (partition by case_id order by occurred_at, position)
)
select
    * exclude (until_precision),
    if(
        'unknown' in (since_precision, until_precision), null, datediff('second', since, until)
    ) as seconds
from stays;
