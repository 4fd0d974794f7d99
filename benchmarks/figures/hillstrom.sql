-- segment,n,visit rate,conversion rate,spend mean,visits,conversions,spend
with member as (
    select customer_id, arm from fact_campaign_member where change = 'targeted'
), response as (
    select
        customer_id, count(*) filter (kind = 'visit') as visits,
        count(*) filter (kind = 'purchase') as purchases, sum(value) as spend
    from fact_campaign_response group by 1
)
select
    arm, count(*), round(sum(visits) / count(*), 6), round(sum(purchases) / count(*), 6),
    round(sum(spend)::double / count(*), 6), sum(visits), sum(purchases), sum(spend)
from member left join response using (customer_id) group by 1 order by 1;

-- all: n,visit,conversion,spend
with member as (
    select sum(members) as n from fact_campaign_member
)
select
    any_value(n), round(count(*) filter (kind = 'visit') / any_value(n), 6),
    round(count(*) filter (kind = 'purchase') / any_value(n), 6),
    round(sum(value)::double / any_value(n), 6)
from fact_campaign_response cross join member;
