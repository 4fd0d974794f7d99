-- What leaves and what comes with each move of a deal: summed up, the pipeline as it stood.
-- Grain: one side of one row of fact_opportunity_transition. The pipeline at position p is
-- sum(deals), sum(amount), sum(weighted) where position <= p and status in ('open', 'on_hold')
-- by stage and currency; by the end of a day the same with occurred_at, if nothing was told late.
-- Units: amount in currency, weighted times the probability.
create or replace view pipeline_leg as
with known as (
    select * from fact_opportunity_transition where is_known(position)
), opened as (
    select position, opportunity_id, pipeline_id, product, campaign_id, origin from known
    where change = 'opened'
), legs as (
    select
        position, opportunity_id,
        if(change = 'lead_linked', from_customer_id, customer_id) as customer_id, change,
        occurred_at, -1 as deals,
        from_status as status, from_stage as stage, from_owner as owner, currency,
        -from_amount as amount, from_probability as probability, from_close_on as close_on
    from known where from_status is not null
    union all
    select
        position, opportunity_id, customer_id, change, occurred_at, 1, to_status, to_stage,
        to_owner, currency, to_amount, to_probability, to_close_on
    from known where to_status is not null
)
select
    legs.*, ifnull(amount, 0)::decimal(38, 4) * probability as weighted, pipeline_id, product,
    campaign_id, origin
from legs asof left join opened  -- a deal that was taken back may have been opened anew
    on opened.opportunity_id = legs.opportunity_id and opened.position <= legs.position;
