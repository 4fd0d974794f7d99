-- contacts,owners
select count(*), count(distinct owner) from dim_customer where is_current;

-- calls,without contact,contacts called,linked to a contact,first,last,total seconds,null duration
select
    sum(calls), count(*) filter (customer_id is null), count(distinct customer_id),
    count(*) filter (customer_id in (select customer_id from dim_customer)),
    strftime(min(occurred_at), '%Y-%m-%d %H:%M'), strftime(max(occurred_at), '%Y-%m-%d %H:%M'),
    sum(seconds), count(*) filter (seconds is null)
from fact_call where change = 'recorded';

-- calls by type
select type, count(*) from fact_call where change = 'recorded' group by 1 order by 2 desc;

-- calls by status
select outcome, count(*) from fact_call where change = 'recorded' group by 1 order by 2 desc;

-- deals,no id,linked to a contact,contacts with a deal,close before create
with rejected as (select lines from import_reject where code = 'deal.no_id')
select
    count(*) + (from rejected), (from rejected),
    count(*) filter (customer_id in (select customer_id from dim_customer)),
    count(distinct customer_id),
    count(*) filter (
        coalesce(if(decided_precision = 'unknown', null, business_day(decided_at)), close_on)
        < business_day(opened_at)
    )
from opportunity_life;

-- deals by stage
select stage, count(*) from opportunity_life group by 1
union all
select null, lines from import_reject where code = 'deal.no_id'
order by 2 desc;

-- spend rows,eur,clicks,impressions
select sum(spends), sum(amount), sum(clicks), sum(impressions) from fact_campaign_spend;

-- spend exact duplicate rows
select duplicates from import_file where role = 'spend';

-- busiest contact: id, calls, deals
with called as (
    select customer_id, sum(calls) as n from fact_call
    where customer_id is not null group by 1 order by 2 desc limit 1
)
select
    (select any_value(source_id) from dim_customer as c where c.customer_id = called.customer_id),
    n, (select count(*) from opportunity_life as o where o.customer_id = called.customer_id)
from called;

-- top 3 call owners
select agent, sum(calls) from fact_call group by 1 order by 2 desc limit 3;

-- as of 2023-12-31: contacts,calls,deals created
select
    (select sum(customers) from fact_customer_change where business_day(occurred_at) <= '2023-12-31'),
    (select sum(calls) from fact_call where business_day(occurred_at) <= '2023-12-31'),
    (select count(*) from opportunity_life where business_day(opened_at) <= '2023-12-31');
