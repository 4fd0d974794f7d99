-- orders,lines,net sales,customers with orders
select count(distinct order_id), sum(lines), sum(amount), count(distinct customer_id)
from fact_order_line;
