-- lines,households,baskets,stores,usd,first,last
select
    count(*), count(distinct customer_id), count(distinct order_id), count(distinct place),
    sum(amount), strftime(business_time(min(occurred_at)), '%Y-%m-%d %H:%M:%S'),
    strftime(business_time(max(occurred_at)), '%Y-%m-%d %H:%M:%S')
from fact_order_line;

-- campaign memberships, households, campaigns
select sum(members), count(distinct customer_id), count(distinct campaign_id)
from fact_campaign_member where change = 'targeted';

-- redemptions, households, campaigns
select sum(responses), count(distinct customer_id), count(distinct campaign_id)
from fact_campaign_response;

-- by campaign type: campaigns, memberships, pairs of household and campaign that redeemed, redemptions
with member as (
    select campaign_id, sum(members) as n from fact_campaign_member group by 1
), response as (
    select campaign_id, count(distinct customer_id) as pairs, sum(responses) as n
    from fact_campaign_response group by 1
)
select kind, count(*), sum(member.n), sum(pairs), sum(response.n)
from dim_campaign left join member using (campaign_id) left join response using (campaign_id)
where is_current group by 1 order by 1;

-- by campaign type: households that redeemed
select c.kind, count(distinct r.customer_id)
from fact_campaign_response as r join dim_campaign as c using (campaign_id)
where is_current group by 1 order by 1;

-- redemptions by households not targeted in that campaign
select count(*) from fact_campaign_response as r
anti join (select * from fact_campaign_member where change = 'targeted') as m
on m.campaign_id = r.campaign_id and m.customer_id = r.customer_id;
