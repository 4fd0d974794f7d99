-- Our own people as they were: team and manager by business time, known by their handle.
-- Grain: one version of one employee; one row for a handle that is met somewhere and was never
-- registered, whose employee_id is null.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view dim_employee as
with lives as (
    select employee_id, max(position) as since from fact_employee_change
    where is_known(position) and change = 'registered' group by employee_id having count(*) > 1
), told as (
    select fact.*, fact.occurred_at as since from fact_employee_change as fact
    anti join lives on lives.employee_id = fact.employee_id and fact.position < lives.since
    where is_known(fact.position)
), versions as (
    select
        handle, employee_id, since, lead(since) over later as until, position,
        arg_max(position, position) filter (change = 'registered') over upto as registered,
        arg_max_null(team, position)
            filter (change in ('registered', 'team_changed')) over upto as team,
        arg_max_null(manager, position)
            filter (change in ('registered', 'manager_changed')) over upto as manager,
        ifnull(arg_max(change, position)
            filter (change in ('left', 'came_back')) over upto = 'left', false) as has_left,
        bool_or(change = 'retracted') over upto as is_retracted
    from told
    window
        later as (partition by employee_id order by since, position),
        upto as (later rows unbounded preceding)
), met as (
    select employee as handle, occurred_at from fact_interaction where is_known(position)
    union all
    select owner, occurred_at from fact_customer_change where is_known(position)
    union all
    select to_owner, occurred_at from fact_opportunity_transition where is_known(position)
    union all
    select to_owner, occurred_at from fact_lead_stage where is_known(position)
    union all
    select assignee, occurred_at from fact_case where is_known(position)
    union all
    select employee, occurred_at from fact_activity where is_known(position)
)
select
    handle, employee_id, since as valid_from, until as valid_to, until is null as is_current,
    position, team, manager, has_left, is_retracted
from versions where registered is not null and (until is null or until > since)
union all
select handle, null, min(occurred_at), null, true, null, null, null, false, false
from met
where handle is not null and handle not in (select handle from fact_employee_change)
group by handle;
