-- How long leads stayed where: each stay in a stage, and what ended it.
-- Grain: one stay of one lead in one stage. until is null while it lasts.
-- Units: seconds, null while it lasts or where a time is unknown.
create or replace view lead_stay as
with moves as (
    select * from fact_lead_stage
    where is_known(position) and from_stage is distinct from to_stage
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
