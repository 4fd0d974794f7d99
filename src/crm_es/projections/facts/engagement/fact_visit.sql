-- Visits to customers: planned, made, reported, or come to nothing.
-- Grain: one event of a visit.
-- change: recorded, planned, rescheduled, checked_in, checked_out, reported, no_show, cancelled,
-- retracted. What takes a visit out bears the time it began, as what counted it in.
-- visits: 1 where a visit begins to count (recorded, checked out), -1 where it was taken back.
-- Units: seconds from coming to leaving, null where unknown; value in currency, what was given.
create table fact_visit(
    position bigint not null, visit_id uuid not null, change varchar not null, customer_id uuid,
    agent varchar, company varchar, purpose varchar, about_kind varchar, about_id uuid,
    occurred_at timestamptz not null, precision varchar not null, planned_at timestamptz,
    visits tinyint not null, seconds bigint, value decimal(18,4), currency varchar,
    outcome varchar, order_id uuid, source varchar, source_id varchar, attributes json,
    reason varchar
);

insert into fact_visit by name
select
    position, stream_id as visit_id, 'recorded' as change, customer_id, agent, company, purpose,
    about_kind, about_id, occurred_at, precision, 1 as visits, seconds, value, currency, outcome,
    order_id, source, source_id, attributes
from events.visit_recorded where is_new(position);

insert into fact_visit by name
select
    position, stream_id as visit_id, 'planned' as change, customer_id, agent, company, purpose,
    about_kind, about_id, occurred_at, precision, planned_at, 0 as visits, source, source_id,
    attributes
from events.visit_planned where is_new(position);

insert into fact_visit by name
select
    position, stream_id as visit_id, 'rescheduled' as change, customer_id, agent, company, purpose,
    about_kind, about_id, occurred_at, precision, planned_at, 0 as visits, reason
from events.visit_rescheduled where is_new(position);

insert into fact_visit by name
select
    position, stream_id as visit_id, 'checked_in' as change, customer_id, agent, company, purpose,
    about_kind, about_id, occurred_at, precision, planned_at, 0 as visits
from events.visit_checked_in where is_new(position);

insert into fact_visit by name
select
    position, stream_id as visit_id, 'checked_out' as change, customer_id, agent, company, purpose,
    about_kind, about_id, ifnull(checked_in_at, occurred_at) as occurred_at, precision, planned_at,
    1 as visits, seconds
from events.visit_checked_out where is_new(position) and stands(findings, 'visit');

insert into fact_visit by name
select
    position, stream_id as visit_id, 'reported' as change, customer_id, agent, company, purpose,
    about_kind, about_id, ifnull(checked_in_at, occurred_at) as occurred_at, precision, planned_at,
    0 as visits, value, currency, outcome, order_id
from events.visit_reported where is_new(position) and stands(findings, 'visit');

insert into fact_visit by name
select
    position, stream_id as visit_id, 'no_show' as change, customer_id, agent, company, purpose,
    about_kind, about_id, occurred_at, precision, planned_at, 0 as visits
from events.visit_no_show where is_new(position);

insert into fact_visit by name
select
    position, stream_id as visit_id, 'cancelled' as change, customer_id, agent, company, purpose,
    about_kind, about_id, occurred_at, precision, planned_at, 0 as visits, reason
from events.visit_cancelled where is_new(position);

insert into fact_visit by name
select
    position, stream_id as visit_id, 'retracted' as change, customer_id, agent, company, purpose,
    about_kind, about_id, took_place_at as occurred_at, precision, planned_at,
    if(state in ('checked_out', 'reported'), -1, 0) as visits, -seconds as seconds,
    -value as value, currency, outcome, reason
from events.visit_retracted where is_new(position);
