-- What was sent or said to the members of campaigns.
-- Grain: one touch of one member, or its taking back with the sign turned and its own time.
-- change: touched, retracted. touches: 1 and -1.
-- number counts the touches of a member from 1.
create table fact_campaign_touch(
    position bigint not null, campaign_id uuid not null, customer_id uuid not null,
    change varchar not null, occurred_at timestamptz not null, precision varchar not null,
    arm varchar, is_control boolean not null, channel varchar, wave varchar, number bigint,
    touches bigint not null, reason varchar
);

insert into fact_campaign_touch by name
select
    position, campaign_id, customer_id, 'touched' as change, occurred_at, precision, arm,
    is_control, channel, wave, touches as number, 1 as touches
from events.campaign_member_touched where is_new(position) and stands(findings, 'member');

insert into fact_campaign_touch by name
select
    position, campaign_id, customer_id, 'retracted' as change,
    touch.took_place_at as occurred_at, precision, touch.arm, touch.is_control, touch.channel,
    touch.wave, -1 as touches, reason
from (
    select *, unnest(touched) as touch from events.campaign_member_retracted
    where is_new(position)
);
