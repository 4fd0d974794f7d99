-- Any fact with amounts, at dated rates: from reported('fact_order_line').
-- Grain: that of the fact, with two columns more. factor is what one unit of the row's currency was
-- worth on its business day, reported_in the currency of amount * factor: the reporting currency,
-- or the row's own where no rate is known. So nothing is lost in
-- select reported_in, sum(amount * factor) from reported('fact_order_line') group by all.
-- Units: amount * factor in reported_in, not rounded.
create or replace macro reported(fact) as table
select
    its.*,
    if(its.currency = reporting_currency(), 1, ifnull(rate.factor, 1)) as factor,
    if(rate.factor is null, its.currency, reporting_currency()) as reported_in
from query_table(fact) as its asof left join dim_exchange_rate as rate
    on rate.currency = its.currency and rate.valid_from <= business_day(its.occurred_at);
