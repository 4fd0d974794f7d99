-- Channels, and what they are used for: the same word may sell, advertise and serve.
-- Grain: one channel in one role: marketing, sales, service or contact.
create or replace view dim_channel as
select channel, role, min(occurred_at) as first_used_at, max(occurred_at) as last_used_at
from (
    select channel, 'sales' as role, occurred_at from fact_order
    where change = 'placed' and is_known(position)
    union all
    select channel, 'service', occurred_at from fact_case
    where change = 'opened' and is_known(position)
    union all
    select channel, 'marketing', occurred_at from fact_campaign_touch where is_known(position)
    union all
    select channel, 'marketing', occurred_at from fact_campaign_spend where is_known(position)
    union all
    select channel, 'contact', occurred_at from fact_interaction
    where kind not in ('order', 'case', 'campaign_touch', 'campaign_response')
        and is_known(position)
)
where channel is not null
group by channel, role;
