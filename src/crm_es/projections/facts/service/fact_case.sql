-- What happened to cases: each step with where the case stood and where it stands.
-- Grain: one event of a case; two rows where it moves from one customer, kind, channel, category,
-- product or priority to another.
-- change: opened, routed, assigned, acknowledged, started, pended, resumed, resolved, reopened,
-- closed, escalated, reclassified, marked_duplicate, rejected, linked, unlinked, blocked,
-- unblocked, updated, reattributed, retracted. Of an update, null is what its source does not say.
-- cases: 1 where a case begins to count, -1 where it no longer does, else 0; these rows bear the
-- time it was opened.
create table fact_case(
    position bigint not null, case_id uuid not null, change varchar not null, customer_id uuid,
    kind varchar not null, channel varchar, category varchar, product varchar, priority varchar,
    "group" varchar, assignee varchar, occurred_at timestamptz not null,
    precision varchar not null, cases tinyint not null, from_state varchar, to_state varchar,
    opened_at timestamptz not null, resolved_at timestamptz, is_first_response boolean not null,
    number varchar, subcategory varchar, region varchar, pending_on varchar, resolution varchar,
    level bigint, reassignments bigint, reopenings bigint, source_state varchar,
    is_in_sla boolean, disputed boolean, timely boolean, other_id uuid, call_id uuid,
    order_id uuid, source varchar, source_id varchar, attributes json, reason varchar
);

insert into fact_case by name
select
    position, stream_id as case_id, 'opened' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 1 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, number, subcategory, region, call_id, order_id,
    source, source_id, attributes
from events.case_opened where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'routed' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, reason
from events.case_routed where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'assigned' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, reassignments
from events.case_assigned where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'acknowledged' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response
from events.case_acknowledged where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'started' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response
from events.case_started where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'pended' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, pending_on
from events.case_pended where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'resumed' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response
from events.case_resumed where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'resolved' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, resolution
from events.case_resolved where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'reopened' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, reopenings
from events.case_reopened where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'closed' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, resolution
from events.case_closed where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'escalated' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, to_level as level
from events.case_escalated where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'reclassified' as change, customer_id,
    if(sign = 1, kind, from_kind) as kind, if(sign = 1, channel, from_channel) as channel,
    if(sign = 1, category, from_category) as category,
    if(sign = 1, product, from_product) as product,
    if(sign = 1, priority, from_priority) as priority, "group", assignee,
    opened_at as occurred_at, precision, sign as cases, from_state, to_state, opened_at,
    resolved_at, is_first_response
from events.case_reclassified, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'case');

insert into fact_case by name
select
    position, stream_id as case_id, 'marked_duplicate' as change, customer_id, kind, channel,
    category, product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state,
    to_state, opened_at, resolved_at, is_first_response, of_case_id as other_id
from events.case_marked_duplicate where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'rejected' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, reason
from events.case_rejected where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'linked' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, linked_id as other_id
from events.case_linked where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'unlinked' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, linked_id as other_id, reason
from events.case_unlinked where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'blocked' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, by_case_id as other_id
from events.case_blocked where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'unblocked' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, by_case_id as other_id, reason
from events.case_unblocked where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'updated' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, occurred_at, precision, 0 as cases, from_state, to_state,
    opened_at, resolved_at, is_first_response, pending_on, resolution, reassignments, reopenings,
    source_state, is_in_sla, disputed, timely
from events.case_updated where is_new(position);

insert into fact_case by name
select
    position, stream_id as case_id, 'reattributed' as change,
    if(sign = 1, customer_id, from_customer_id) as customer_id, kind, channel, category, product,
    priority, "group", assignee, opened_at as occurred_at, precision, sign as cases, from_state,
    to_state, opened_at, resolved_at, is_first_response
from events.case_reattributed, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'case');

insert into fact_case by name
select
    position, stream_id as case_id, 'retracted' as change, customer_id, kind, channel, category,
    product, priority, "group", assignee, opened_at as occurred_at, precision, -1 as cases,
    from_state, null as to_state, opened_at, resolved_at, is_first_response, reason
from events.case_retracted where is_new(position);
