-- orders,customers,cds,usd,first,last
select
    count(distinct order_id), count(distinct customer_id), sum(quantity), sum(amount),
    min(business_day(occurred_at)), max(business_day(occurred_at))
from fact_order_line;

-- zero-value orders
select count(*) from fact_order where change = 'placed' and amount = 0;

-- exact duplicate rows
select duplicates from import_file where role = 'sales';

-- customers with one order
select count(*) from (select customer_id from fact_order group by 1 having sum(orders) = 1);

-- first purchase after 1997-03-25
select count(*) from (select min(business_day(occurred_at)) as day from fact_order group by customer_id)
where day > date '1997-03-25';

-- top 3 by spend
select
    any_value(c.source_id), count(distinct order_id), sum(quantity), sum(amount),
    min(business_day(occurred_at)), max(business_day(occurred_at))
from fact_order_line join dim_customer as c using (customer_id) where c.is_current
group by customer_id order by sum(amount) desc limit 3;

-- repeat orders in weeks 40-78 (1997-10-01..1998-06-30): orders,customers
select count(*), count(distinct customer_id) from fact_order
where change = 'placed' and business_day(occurred_at) between '1997-10-01' and '1998-06-30';

-- as of 1997-09-30: orders,customers,usd
select count(distinct order_id), count(distinct customer_id), sum(amount) from fact_order
where business_day(occurred_at) <= '1997-09-30';
