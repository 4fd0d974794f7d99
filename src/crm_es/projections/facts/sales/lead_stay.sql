-- How long leads stayed where: each stay in a stage, and what ended it.
-- Grain: one stay of one lead in one stage. until is null while it lasts.
-- Units: seconds, null while it lasts or where a time is unknown.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view lead_stay as
with lives as (
    select lead_id, max(position) as since from fact_lead_stage
    where is_known(position) and change = 'captured' group by lead_id having count(*) > 1
), told as (
    select fact.* from fact_lead_stage as fact
    anti join lives on lives.lead_id = fact.lead_id and fact.position < lives.since
    where is_known(fact.position)
), moves as (
    select * from told
    where from_stage is distinct from to_stage
), stays as (
    select
        lead_id, customer_id, position, to_stage as stage, to_owner as owner,
        change as began_with, occurred_at as since, precision as since_precision,
        lead(occurred_at) over later as until, lead(precision) over later as until_precision,
        lead(to_stage) over later as next_stage, lead(change) over later as ended_with,
        row_number() over later as number
    from moves window later as (partition by lead_id order by occurred_at, position)
)
select
    * exclude (until_precision),
    if(
        'unknown' in (since_precision, until_precision), null, datediff('second', since, until)
    ) as seconds
from stays where stage is not null;
