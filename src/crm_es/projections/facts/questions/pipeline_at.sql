-- Question: what stood in the pipeline at a moment of business time, by pipeline and stage?
-- Grain: one stage of one pipeline in one currency. Parameter: moment.
-- Units: amount and weighted (times the probability) in currency.
select
    pipeline_id, stage, currency, count(*) as deals,
    sum(ifnull(amount, 0)::decimal(38, 4)) as amount,
    sum(ifnull(amount, 0)::decimal(38, 4) * probability) as weighted
from opportunity_at($moment::timestamptz)
where status in ('open', 'on_hold')
group by all
order by all;
