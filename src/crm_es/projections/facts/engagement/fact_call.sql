-- Calls that are over, and what became of them afterwards.
-- Grain: one event of a call that changes what it counts for; two rows where it moves from one
-- customer or outcome to another. A call that still goes on is not here.
-- change: recorded, ended, dispositioned, callback_done, callback_waived, linked_to_case,
-- unlinked_from_case, reattributed, retracted. What takes a call out bears the time the call began.
-- calls: 1 where a call begins to count, -1 where it no longer does, else 0.
-- Units: seconds talked, waited and on hold, null where unknown; attempts it took.
create table fact_call(
    position bigint not null, call_id uuid not null, change varchar not null, customer_id uuid,
    agent varchar, direction varchar, result varchar, type varchar, outcome varchar,
    line varchar, campaign_id uuid, case_id uuid, occurred_at timestamptz not null,
    precision varchar not null, calls tinyint not null, seconds bigint, wait_seconds bigint,
    hold_seconds bigint, needs_callback boolean, attempts bigint not null, source varchar,
    source_id varchar, reason varchar
);

insert into fact_call by name
select
    position, stream_id as call_id, 'recorded' as change, customer_id, agent, direction, result,
    type, outcome, line, campaign_id, case_id, occurred_at, precision, 1 as calls, seconds,
    wait_seconds, hold_seconds, needs_callback, attempts, source, source_id
from events.call_recorded where is_new(position);

insert into fact_call by name
select
    position, stream_id as call_id, 'ended' as change, customer_id, agent, direction, result,
    type, outcome, line, campaign_id, started_at as occurred_at, precision, 1 as calls, seconds,
    wait_seconds, hold_seconds, needs_callback, 1 as attempts
from events.call_ended where is_new(position) and stands(findings, 'call');

insert into fact_call by name
select
    position, stream_id as call_id, 'dispositioned' as change, customer_id, agent, direction,
    result, type, if(sign = 1, to_outcome, from_outcome) as outcome, line, campaign_id,
    took_place_at as occurred_at, precision, sign as calls, sign * seconds as seconds,
    sign * wait_seconds as wait_seconds, sign * hold_seconds as hold_seconds,
    sign * attempts as attempts
from events.call_dispositioned, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'call') and state = 'ended';

insert into fact_call by name
select
    position, stream_id as call_id, 'callback_done' as change, customer_id, occurred_at, precision,
    0 as calls, 0 as attempts
from events.call_callback_done where is_new(position);

insert into fact_call by name
select
    position, stream_id as call_id, 'callback_waived' as change, customer_id, occurred_at,
    precision, 0 as calls, 0 as attempts, reason
from events.call_callback_waived where is_new(position);

insert into fact_call by name
select
    position, stream_id as call_id, 'linked_to_case' as change, customer_id, case_id, occurred_at,
    precision, 0 as calls, 0 as attempts
from events.call_linked_to_case where is_new(position);

insert into fact_call by name
select
    position, stream_id as call_id, 'unlinked_from_case' as change, customer_id, case_id,
    occurred_at, precision, 0 as calls, 0 as attempts
from events.call_unlinked_from_case where is_new(position);

insert into fact_call by name
select
    position, stream_id as call_id, 'reattributed' as change,
    if(sign = 1, customer_id, from_customer_id) as customer_id, agent, direction, result, type,
    outcome, line, campaign_id, took_place_at as occurred_at, precision, sign as calls,
    sign * seconds as seconds, sign * wait_seconds as wait_seconds,
    sign * hold_seconds as hold_seconds, sign * attempts as attempts
from events.call_reattributed, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'call') and state = 'ended';

insert into fact_call by name
select
    position, stream_id as call_id, 'retracted' as change, customer_id, agent, direction, result,
    type, outcome, line, campaign_id, took_place_at as occurred_at, precision, -1 as calls,
    -seconds as seconds, -wait_seconds as wait_seconds, -hold_seconds as hold_seconds,
    -attempts as attempts, reason
from events.call_retracted where is_new(position) and state = 'ended';
