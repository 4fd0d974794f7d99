-- What the members of campaigns did: visits, purchases, redemptions, refusals, whatever is told.
-- Grain: one response, or one change of it; two rows where it is held for another kind of evidence.
-- change: responded, reclassified, retracted. What takes a response out bears its own time.
-- responses: 1 where a response begins to count, -1 where it no longer does. touched_at is the
-- last touch before it.
-- Units: value in currency.
create table fact_campaign_response(
    position bigint not null, campaign_id uuid not null, customer_id uuid not null,
    response_id uuid not null, change varchar not null, occurred_at timestamptz not null,
    precision varchar not null, arm varchar, is_control boolean not null, kind varchar not null,
    evidence varchar not null, reference varchar, is_first boolean not null,
    responses tinyint not null, value decimal(18,4), currency varchar, touches bigint not null,
    touched_at timestamptz, reason varchar
);

insert into fact_campaign_response by name
select
    position, campaign_id, customer_id, response_id, 'responded' as change, occurred_at, precision,
    arm, is_control, kind, evidence, reference, is_first, 1 as responses, value, currency, touches,
    touched_at
from events.campaign_member_responded where is_new(position);

insert into fact_campaign_response by name
select
    position, campaign_id, customer_id, response_id, 'reclassified' as change,
    took_place_at as occurred_at, precision, arm, is_control, kind,
    if(sign = 1, evidence, from_evidence) as evidence, reference, is_first, sign as responses,
    sign * value as value, currency, touches, touched_at
from events.campaign_member_response_reclassified, (values (-1), (1)) as signs(sign)
where is_new(position);

insert into fact_campaign_response by name
select
    position, campaign_id, customer_id, response_id, 'retracted' as change,
    took_place_at as occurred_at, precision, arm, is_control, kind, evidence, reference, is_first,
    -1 as responses, -value as value, currency, touches, touched_at, reason
from events.campaign_member_response_retracted where is_new(position);
