-- Steps of work: tasks and appointments of our own, and steps another system tells of.
-- Grain: one event of an activity; the trail that process mining reads.
-- change: recorded, scheduled, rescheduled, reassigned, started, completed, cancelled, missed,
-- retracted. phase is the step taken: scheduled, started, suspended, resumed, completed,
-- cancelled; of a recorded step what the source says. A retraction bears the time of what it takes
-- out.
-- activities: 1 where an activity begins to count, -1 where it was taken back, else 0.
-- Units: seconds of work, null where unknown.
create table fact_activity(
    position bigint not null, activity_id uuid not null, change varchar not null, phase varchar,
    customer_id uuid, kind varchar not null, about_kind varchar, about_id uuid, owner varchar,
    employee varchar, occurred_at timestamptz not null, precision varchar not null,
    planned_at timestamptz, activities tinyint not null, seconds bigint, outcome varchar,
    source varchar, source_id varchar, attributes json, reason varchar
);

insert into fact_activity by name
select
    position, stream_id as activity_id, 'recorded' as change, phase, customer_id, kind, about_kind,
    about_id, owner, "by" as employee, occurred_at, precision, 1 as activities, seconds, outcome,
    source, source_id, attributes
from events.activity_recorded where is_new(position);

insert into fact_activity by name
select
    position, stream_id as activity_id, 'scheduled' as change, 'scheduled' as phase, customer_id,
    kind, about_kind, about_id, owner, "by" as employee, occurred_at, precision, planned_at,
    1 as activities, source, source_id, attributes
from events.activity_scheduled where is_new(position);

insert into fact_activity by name
select
    position, stream_id as activity_id, 'rescheduled' as change, 'scheduled' as phase, customer_id,
    kind, about_kind, about_id, owner, "by" as employee, occurred_at, precision, planned_at,
    0 as activities, reason
from events.activity_rescheduled where is_new(position);

insert into fact_activity by name
select
    position, stream_id as activity_id, 'reassigned' as change, customer_id, kind, about_kind,
    about_id, owner, "by" as employee, occurred_at, precision, 0 as activities
from events.activity_reassigned where is_new(position);

insert into fact_activity by name
select
    position, stream_id as activity_id, 'started' as change, 'started' as phase, customer_id, kind,
    about_kind, about_id, owner, "by" as employee, occurred_at, precision, planned_at,
    0 as activities
from events.activity_started where is_new(position);

insert into fact_activity by name
select
    position, stream_id as activity_id, 'completed' as change, 'completed' as phase, customer_id,
    kind, about_kind, about_id, owner, "by" as employee, occurred_at, precision, planned_at,
    0 as activities, seconds, outcome
from events.activity_completed where is_new(position);

insert into fact_activity by name
select
    position, stream_id as activity_id, 'cancelled' as change, 'cancelled' as phase, customer_id,
    kind, about_kind, about_id, owner, "by" as employee, occurred_at, precision, planned_at,
    0 as activities, reason
from events.activity_cancelled where is_new(position);

insert into fact_activity by name
select
    position, stream_id as activity_id, 'missed' as change, customer_id, kind, about_kind,
    about_id, owner, "by" as employee, occurred_at, precision, planned_at, 0 as activities
from events.activity_missed where is_new(position);

insert into fact_activity by name
select
    position, stream_id as activity_id, 'retracted' as change, phase, customer_id, kind,
    about_kind, about_id, owner, "by" as employee, took_place_at as occurred_at, precision,
    planned_at, -1 as activities, -seconds as seconds, outcome, reason
from events.activity_retracted where is_new(position);
