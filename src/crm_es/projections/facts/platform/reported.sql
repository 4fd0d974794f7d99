-- Amounts at dated rates, in the currency the company reports in.
-- reported(amount, currency, occurred_at) is what an amount was worth on its business day, and
-- reported_in(currency, occurred_at) says in which currency: where no rate is known an amount stays
-- in its own. So nothing is lost in
-- sum(reported(amount, currency, occurred_at)) group by reported_in(currency, occurred_at).
-- Grain: one amount. Units: amount in currency; not rounded.
create or replace macro rate_on(its, ts) as (
    select if(its = reporting_currency(), 1, max(factor)) from dim_exchange_rate as rate
    where rate.currency = its and rate.valid_from <= business_day(ts)
        and (rate.valid_to is null or business_day(ts) < rate.valid_to)
);
create or replace macro reported(amount, its, ts) as amount * ifnull(rate_on(its, ts), 1);
create or replace macro reported_in(its, ts)
    as if(rate_on(its, ts) is null, its, reporting_currency());
