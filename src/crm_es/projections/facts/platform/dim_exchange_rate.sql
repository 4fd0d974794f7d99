-- What one unit of a currency was worth in the reporting currency, by day.
-- Grain: one currency from one day on. It holds where valid_from <= day and
-- (valid_to is null or day < valid_to).
-- Units: factor in reporting_currency(), for one.
create or replace view dim_exchange_rate as
with latest as (
    select
        currency, valid_on, arg_max(rate, position) as rate, arg_max(units, position) as units,
        arg_max(source, position) as source, max(position) as position
    from fact_exchange_rate
    where is_known(position) and into_currency = reporting_currency()
    group by currency, valid_on
    having arg_max(change, position) <> 'retracted'
)
select
    currency, valid_on as valid_from,
    lead(valid_on) over (partition by currency order by valid_on) as valid_to,
    rate * case units
        when 1 then 1.000000 when 10 then 0.100000 when 100 then 0.010000 when 1000 then 0.001000
        when 10000 then 0.000100 when 100000 then 0.000010 when 1000000 then 0.000001
    end as factor,
    source, position
from latest;
