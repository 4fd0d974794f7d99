-- by stage: count,value
select stage, count(*), ifnull(sum(amount) filter (status = 'won'), 0)
from opportunity_life group by 1 order by 1;

-- opps,accounts,no account,agents,products
select
    count(*), count(distinct customer_id), count(*) filter (customer_id is null),
    count(distinct owner), count(distinct product)
from opportunity_life;

-- win rate of closed, won/all, mean won value, mean days to close
select
    round(count(*) filter (status = 'won') / count(*) filter (status in ('won', 'lost')), 6),
    round(count(*) filter (status = 'won') / count(*), 6),
    round(avg(amount) filter (status = 'won'), 6), round(avg(days_to_decision), 6)
from opportunity_life;

-- top 2 agents by won value
select owner, sum(amount) from opportunity_life where status = 'won'
group by 1 order by 2 desc limit 2;

-- mess: products not in products.csv; sector typo; country typo
select
    (select distinct product from opportunity_life
        where product not in (select sku from dim_product)),
    (select count(*) from dim_customer_attribute where name = 'sector' and text = 'technolgy'),
    (select count(*) from dim_customer where is_current and country = 'Philipines');

-- open at 2017-06-30 (engaged on or before, not closed by)
select count(*) from opportunity_life
where opened_precision <> 'unknown' and business_day(opened_at) <= '2017-06-30'
    and (decided_at is null or business_day(decided_at) > '2017-06-30');
