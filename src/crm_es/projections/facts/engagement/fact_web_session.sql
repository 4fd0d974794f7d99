-- Sessions of visitors on the web site that are over.
-- Grain: one event that changes what a session counts for; two rows where it moves from one
-- customer, or from nobody, to another. A session that goes on is not here.
-- change: recorded, ended, identified, reattributed, retracted. occurred_at is when it began.
-- sessions: 1 where a session begins to count, -1 where it no longer does. What was reached
-- (searched, messaged, booked) is counted in the same way, so sums are over sessions that reached.
-- Units: seconds, null where unknown; pages, null where nobody counted.
create table fact_web_session(
    position bigint not null, session_id uuid not null, change varchar not null, customer_id uuid,
    visitor varchar not null, device varchar, campaign_id uuid, entry_path varchar,
    referrer varchar, occurred_at timestamptz not null, precision varchar not null,
    ended_at timestamptz, sessions tinyint not null, pages bigint, seconds bigint,
    searched tinyint not null, messaged tinyint not null, booked tinyint not null,
    source varchar, source_id varchar, attributes json, reason varchar
);

insert into fact_web_session by name
select
    position, stream_id as session_id, 'recorded' as change, customer_id, visitor, device,
    campaign_id, entry_path, referrer, occurred_at, precision, ended_at, 1 as sessions, pages,
    seconds, searched, messaged, booked, source, source_id, attributes
from events.web_session_recorded where is_new(position);

insert into fact_web_session by name
select
    position, stream_id as session_id, 'ended' as change, customer_id, visitor, device,
    campaign_id, started_at as occurred_at, precision, ended_at, 1 as sessions, pages, seconds,
    searched, messaged, booked
from events.web_session_ended where is_new(position) and stands(findings, 'web_session');

insert into fact_web_session by name
select
    position, stream_id as session_id, 'identified' as change,
    if(sign = 1, customer_id, null) as customer_id, visitor, device, campaign_id,
    took_place_at as occurred_at, precision, sign as sessions, sign * pages as pages,
    sign * seconds as seconds, sign * searched::tinyint as searched,
    sign * messaged::tinyint as messaged, sign * booked::tinyint as booked
from events.web_session_identified, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'web_session') and is_ended;

insert into fact_web_session by name
select
    position, stream_id as session_id, 'reattributed' as change,
    if(sign = 1, customer_id, from_customer_id) as customer_id, visitor, device, campaign_id,
    took_place_at as occurred_at, precision, sign as sessions, sign * pages as pages,
    sign * seconds as seconds, sign * searched::tinyint as searched,
    sign * messaged::tinyint as messaged, sign * booked::tinyint as booked
from events.web_session_reattributed, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'web_session') and is_ended;

insert into fact_web_session by name
select
    position, stream_id as session_id, 'retracted' as change, customer_id, visitor, device,
    campaign_id, took_place_at as occurred_at, precision, -1 as sessions, -pages as pages,
    -seconds as seconds, -searched::tinyint as searched, -messaged::tinyint as messaged,
    -booked::tinyint as booked, reason
from events.web_session_retracted where is_new(position) and is_ended;
