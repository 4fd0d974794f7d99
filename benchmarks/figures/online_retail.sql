-- lines,invoices,customers,lines without customer,stock codes,countries
select
    sum(lines), count(distinct order_id), count(distinct customer_id),
    sum(lines) filter (customer_id is null), count(distinct sku), count(distinct country)
from fact_order_line;

-- cancel lines, cancel invoices
select count(*), count(distinct order_id) from fact_order_line where kind = 'return';

-- gross GBP, units, first, last
select
    sum(amount), sum(quantity), strftime(business_time(min(occurred_at)), '%Y-%m-%d %H:%M:%S'),
    strftime(business_time(max(occurred_at)), '%Y-%m-%d %H:%M:%S')
from fact_order_line;

-- GBP with customer id
select sum(amount) from fact_order_line where customer_id is not null;

-- exact duplicate rows
select duplicates from import_file where role = 'lines';

-- UK lines
select count(*) from fact_order_line where country = 'United Kingdom';

-- negative price lines (bad debt)
select count(*) from fact_order_line where unit_price < 0;

-- top 3 customers net
select any_value(c.source_id), count(distinct order_id), sum(amount)
from fact_order_line join dim_customer as c using (customer_id) where c.is_current
group by customer_id order by sum(amount) desc limit 3;

-- as of 2011-06-30 23:59:59: lines,invoices,customers,GBP
select count(*), count(distinct order_id), count(distinct customer_id), sum(amount)
from fact_order_line where business_day(occurred_at) <= '2011-06-30';
