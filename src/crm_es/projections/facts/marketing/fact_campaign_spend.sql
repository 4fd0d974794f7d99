-- What campaigns cost, as it was paid for.
-- Grain: one record of spend, or its taking back with the sign turned and its own time.
-- change: recorded, retracted. spends: 1 and -1. campaign is the name the source gives.
-- Units: amount in currency.
create table fact_campaign_spend(
    position bigint not null, campaign_id uuid not null, spend_id uuid not null,
    change varchar not null, occurred_at timestamptz not null, precision varchar not null,
    channel varchar, campaign varchar, ad_group varchar, ad varchar, spends tinyint not null,
    amount decimal(18,4) not null, currency varchar not null, clicks bigint, impressions bigint,
    source varchar, source_id varchar, reason varchar
);

insert into fact_campaign_spend by name
select
    position, stream_id as campaign_id, spend_id, 'recorded' as change, occurred_at, precision,
    channel, campaign, ad_group, ad, 1 as spends, amount, currency, clicks, impressions, source,
    source_id
from events.campaign_spend_recorded where is_new(position) and stands(findings, 'campaign');

insert into fact_campaign_spend by name
select
    position, stream_id as campaign_id, spend_id, 'retracted' as change,
    took_place_at as occurred_at, precision, channel, campaign, ad_group, ad, -1 as spends,
    -amount as amount, currency, -clicks as clicks, -impressions as impressions, source, source_id,
    reason
from events.campaign_spend_retracted where is_new(position) and stands(findings, 'campaign');
