-- Question: what was sold, month by month, in the reporting currency at the rates of the days?
-- Grain: one month in one currency; one other than the reporting currency only where its rate was
-- not known. Parameters: first and last day.
-- Units: amount and cost in currency, at the rate of the day of each line; not rounded.
select
    business_month(occurred_at) as month, reported_in as currency,
    count(distinct order_id) as orders, sum(lines) as lines, sum(amount * factor) as amount,
    sum(cost * factor) as cost
from reported('fact_order_line')
where is_known(position)
    and business_day(occurred_at) between $first_day::date and $last_day::date
group by all
order by all;
