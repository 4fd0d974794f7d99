-- Every contact with a customer or a prospect, of any kind: who, when, over what, how long.
-- Grain: one event that begins, changes or ends what a contact counts for; two rows where it moves
-- from one customer to another or is corrected.
-- kind: call, visit, email, sms, message, meeting, letter, material, other, web_session, order,
-- case, campaign_touch, campaign_response. interaction_id is the stream it is told in, or the
-- response. type is the source's own word, or the kind of order, case or response.
-- contacts: 1 where a contact begins to count, -1 where it no longer does; what takes one out
-- bears its time. A touch or session nobody is known for has no customer.
-- Units: seconds, null where unknown; value in currency, what was given to the customer.
create table fact_interaction(
    position bigint not null, interaction_id uuid not null, kind varchar not null, type varchar,
    customer_id uuid, employee varchar, direction varchar not null, channel varchar,
    outcome varchar, company varchar, product varchar, campaign_id uuid,
    occurred_at timestamptz not null, precision varchar not null, contacts bigint not null,
    seconds bigint, value decimal(18,4), currency varchar
);

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'call' as kind, type, customer_id, agent as employee,
    direction, 'phone' as channel, result as outcome, campaign_id, occurred_at, precision,
    1 as contacts, seconds
from events.call_recorded where is_new(position);

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'call' as kind, customer_id, agent as employee,
    direction, 'phone' as channel, result as outcome, campaign_id, started_at as occurred_at,
    precision, 1 as contacts, seconds
from events.call_ended where is_new(position) and stands(findings, 'call');

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'call' as kind, type,
    if(sign = 1, customer_id, from_customer_id) as customer_id, agent as employee, direction,
    'phone' as channel, result as outcome, campaign_id, took_place_at as occurred_at, precision,
    sign as contacts, sign * seconds as seconds
from events.call_reattributed, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'call') and state = 'ended';

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'call' as kind, type, customer_id, agent as employee,
    direction, 'phone' as channel, result as outcome, campaign_id, took_place_at as occurred_at,
    precision, -1 as contacts, -seconds as seconds
from events.call_retracted where is_new(position) and state = 'ended';

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'visit' as kind, purpose as type, customer_id,
    agent as employee, 'outbound' as direction, 'visit' as channel, outcome, company, occurred_at,
    precision, 1 as contacts, seconds, value, currency
from events.visit_recorded where is_new(position);

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'visit' as kind, purpose as type, customer_id,
    agent as employee, 'outbound' as direction, 'visit' as channel, company,
    ifnull(checked_in_at, occurred_at) as occurred_at, precision, 1 as contacts, seconds
from events.visit_checked_out where is_new(position) and stands(findings, 'visit');

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'visit' as kind, purpose as type, customer_id,
    agent as employee, 'outbound' as direction, 'visit' as channel, outcome, company,
    ifnull(checked_in_at, occurred_at) as occurred_at, precision, 0 as contacts, value, currency
from events.visit_reported where is_new(position) and stands(findings, 'visit');

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'visit' as kind, purpose as type, customer_id,
    agent as employee, 'outbound' as direction, 'visit' as channel, outcome, company,
    took_place_at as occurred_at, precision, -1 as contacts, -seconds as seconds, -value as value,
    currency
from events.visit_retracted where is_new(position) and state in ('checked_out', 'reported');

insert into fact_interaction by name
select
    position, stream_id as interaction_id, kind, type, customer_id, agent as employee, direction,
    channel, company, product, campaign_id, occurred_at, precision, 1 as contacts, seconds, value,
    currency
from events.interaction_recorded where is_new(position);

insert into fact_interaction by name
select
    position, stream_id as interaction_id, if(sign = 1, kind, from_kind) as kind,
    if(sign = 1, type, from_type) as type, customer_id,
    if(sign = 1, agent, from_agent) as employee,
    if(sign = 1, direction, from_direction) as direction,
    if(sign = 1, channel, from_channel) as channel, company,
    if(sign = 1, product, from_product) as product, campaign_id, took_place_at as occurred_at,
    precision, sign as contacts, if(sign = 1, seconds, -from_seconds) as seconds,
    if(sign = 1, value, -from_value) as value, if(sign = 1, currency, from_currency) as currency
from events.interaction_corrected, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'interaction');

insert into fact_interaction by name
select
    position, stream_id as interaction_id, kind, type,
    if(sign = 1, customer_id, from_customer_id) as customer_id, agent as employee, direction,
    channel, company, product, campaign_id, took_place_at as occurred_at, precision,
    sign as contacts, sign * seconds as seconds, sign * value as value, currency
from events.interaction_reattributed, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'interaction');

insert into fact_interaction by name
select
    position, stream_id as interaction_id, kind, type, customer_id, agent as employee, direction,
    channel, company, product, campaign_id, took_place_at as occurred_at, precision,
    -1 as contacts, -seconds as seconds, -value as value, currency
from events.interaction_retracted where is_new(position);

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'web_session' as kind, customer_id,
    'inbound' as direction, 'web' as channel, campaign_id, occurred_at, precision, 1 as contacts,
    seconds
from events.web_session_recorded where is_new(position);

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'web_session' as kind, customer_id,
    'inbound' as direction, 'web' as channel, campaign_id, started_at as occurred_at, precision,
    1 as contacts, seconds
from events.web_session_ended where is_new(position) and stands(findings, 'web_session');

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'web_session' as kind,
    if(sign = 1, customer_id, null) as customer_id, 'inbound' as direction, 'web' as channel,
    campaign_id, took_place_at as occurred_at, precision, sign as contacts,
    sign * seconds as seconds
from events.web_session_identified, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'web_session') and is_ended;

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'web_session' as kind,
    if(sign = 1, customer_id, from_customer_id) as customer_id, 'inbound' as direction,
    'web' as channel, campaign_id, took_place_at as occurred_at, precision, sign as contacts,
    sign * seconds as seconds
from events.web_session_reattributed, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'web_session') and is_ended;

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'web_session' as kind, customer_id,
    'inbound' as direction, 'web' as channel, campaign_id, took_place_at as occurred_at, precision,
    -1 as contacts, -seconds as seconds
from events.web_session_retracted where is_new(position) and is_ended;

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'order' as kind, kind as type, customer_id,
    owner as employee, 'inbound' as direction, channel, campaign_id, occurred_at, precision,
    1 as contacts
from events.order_placed where is_new(position);

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'order' as kind, kind as type, customer_id,
    owner as employee, 'inbound' as direction, channel, campaign_id, placed_at as occurred_at,
    precision, -1 as contacts
from events.order_retracted where is_new(position);

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'case' as kind, kind as type, customer_id,
    assignee as employee, 'inbound' as direction, channel, product, occurred_at, precision,
    1 as contacts
from events.case_opened where is_new(position);

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'case' as kind, kind as type,
    if(sign = 1, customer_id, from_customer_id) as customer_id, assignee as employee,
    'inbound' as direction, channel, product, opened_at as occurred_at, precision,
    sign as contacts
from events.case_reattributed, (values (-1), (1)) as signs(sign)
where is_new(position) and stands(findings, 'case');

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'case' as kind, kind as type, customer_id,
    assignee as employee, 'inbound' as direction, channel, product, opened_at as occurred_at,
    precision, -1 as contacts
from events.case_retracted where is_new(position);

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'campaign_touch' as kind, customer_id,
    'outbound' as direction, channel, campaign_id, occurred_at, precision, 1 as contacts
from events.campaign_member_touched where is_new(position) and stands(findings, 'member');

insert into fact_interaction by name
select
    position, stream_id as interaction_id, 'campaign_touch' as kind, customer_id,
    'outbound' as direction, touch.channel, campaign_id, touch.took_place_at as occurred_at,
    precision, -1 as contacts
from (
    select *, unnest(touched) as touch from events.campaign_member_retracted
    where is_new(position)
);

insert into fact_interaction by name
select
    position, response_id as interaction_id, 'campaign_response' as kind, kind as type,
    customer_id, 'inbound' as direction, campaign_id, occurred_at, precision, 1 as contacts
from events.campaign_member_responded where is_new(position);

insert into fact_interaction by name
select
    position, response_id as interaction_id, 'campaign_response' as kind, kind as type,
    customer_id, 'inbound' as direction, campaign_id, took_place_at as occurred_at, precision,
    -1 as contacts
from events.campaign_member_response_retracted where is_new(position);
