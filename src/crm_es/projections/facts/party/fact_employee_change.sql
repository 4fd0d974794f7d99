-- What became of our own people: teams and managers as they changed.
-- Grain: one event of an employee. dim_employee makes of it what held when.
-- change: registered, team_changed, manager_changed, left, came_back, retracted. Employees are
-- known by their handle everywhere else; names are sealed and not here.
create table fact_employee_change(
    position bigint not null, employee_id uuid not null, change varchar not null,
    handle varchar not null, occurred_at timestamptz not null, precision varchar not null,
    team varchar, manager varchar, since date, source varchar,
    source_id varchar, reason varchar
);

insert into fact_employee_change by name
select
    position, stream_id as employee_id, 'registered' as change, handle, occurred_at, precision,
    team, manager, since, source, source_id
from events.employee_registered where is_new(position);

insert into fact_employee_change by name
select
    position, stream_id as employee_id, 'team_changed' as change, handle, occurred_at, precision,
    to_team as team
from events.employee_team_changed where is_new(position);

insert into fact_employee_change by name
select
    position, stream_id as employee_id, 'manager_changed' as change, handle, occurred_at,
    precision, to_manager as manager
from events.employee_manager_changed where is_new(position);

insert into fact_employee_change by name
select
    position, stream_id as employee_id, 'left' as change, handle, occurred_at, precision,
    reason
from events.employee_left where is_new(position);

insert into fact_employee_change by name
select
    position, stream_id as employee_id, 'came_back' as change, handle, occurred_at, precision
from events.employee_came_back where is_new(position);

insert into fact_employee_change by name
select
    position, stream_id as employee_id, 'retracted' as change, handle, occurred_at, precision,
    reason
from events.employee_retracted where is_new(position);
