-- Every day an event may bear, in the company's own calendar: what time a sum falls into.
-- Grain: one row per day. Join on business_day(occurred_at) = dim_date.day.
-- fiscal_year bears the number of the calendar year it ends in; weeks and weekdays are those of
-- ISO 8601 (Monday is 1); seasons are meteorological, of the northern half of the world.
create or replace view dim_date as
select
    day,
    year(day) as year,
    quarter(day) as quarter,
    month(day) as month_of_year,
    cast(date_trunc('month', day) as date) as month,
    isoyear(day) as iso_year,
    weekofyear(day) as iso_week,
    isodow(day) as weekday,
    dayname(day) as weekday_name,
    isodow(day) <= 5 as is_workday,
    dayofyear(day) as day_of_year,
    case month(day) % 12 // 3 when 0 then 'winter' when 1 then 'spring' when 2 then 'summer'
        else 'autumn' end as season,
    year(fiscal_day(day)) as fiscal_year,
    quarter(fiscal_day(day)) as fiscal_quarter,
    month(fiscal_day(day)) as fiscal_month
from (
    select cast(range as date) as day
    from range(timestamp '1900-01-01', timestamp '2200-01-01', interval 1 day)
);
