-- rows,physicians,companies,usd,first,last
with payment as (
    select customer_id, company, value, occurred_at from fact_visit_line
    union all
    select customer_id, company, value, occurred_at from fact_interaction where kind <> 'visit'
)
select
    count(*), count(distinct customer_id), count(distinct company), sum(value),
    min(business_day(occurred_at)), max(business_day(occurred_at))
from payment;

-- food and beverage rows (visit proxy), usd; distinct physician-company-day
select sum(lines), sum(value), count(distinct visit_id) from fact_visit_line;

-- physicians whose row count equals the newspaper tally
with payment as (
    select customer_id from fact_visit_line
    union all
    select customer_id from fact_interaction where kind <> 'visit'
), counted as (
    select customer_id, count(*) as n from payment group by 1
)
select count(*) filter (n = number), count(*)
from counted left join dim_customer_attribute as a using (customer_id)
where a.name = 'general_payments';
