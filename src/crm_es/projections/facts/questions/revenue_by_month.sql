-- Question: what was sold, month by month in the business zone, net of what came back?
-- Grain: one month in one currency. Parameters: first and last day.
-- Units: amount, discount and cost in currency; discount is what was taken off already.
select
    business_month(occurred_at) as month, currency, count(distinct order_id) as orders,
    sum(lines) as lines, sum(quantity) as quantity, sum(amount) as amount,
    sum(discount) as discount, sum(cost) as cost
from fact_order_line
where is_known(position)
    and business_day(occurred_at) between $first_day::date and $last_day::date
group by all
order by all;
