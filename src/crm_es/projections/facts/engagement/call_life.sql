-- Calls that are over as they stand: what came of each, and whether it was called back.
-- Grain: one call that still counts.
-- Units: seconds, null where unknown.
create or replace view call_life as
with taken_back as (
    select call_id, max(position) as until from fact_call
    where is_known(position) and change = 'retracted' group by call_id
), known as (
    select fact.* from fact_call as fact
    anti join taken_back as gone on gone.call_id = fact.call_id and fact.position <= gone.until
    where is_known(fact.position)
), standing as (
    select
        call_id,
        arg_max_null(customer_id, position * 2 + calls) filter (calls <> 0) as customer_id,
        any_value(agent) as agent, any_value(direction) as direction,
        any_value(result) as result, any_value(type) as type,
        arg_max_null(outcome, position * 2 + calls) filter (calls <> 0) as outcome,
        any_value(line) as line, any_value(campaign_id) as campaign_id,
        any_value(occurred_at) filter (calls = 1) as began_at,
        any_value(precision) filter (change in ('recorded', 'ended')) as precision,
        sum(seconds) as seconds, sum(wait_seconds) as wait_seconds,
        sum(hold_seconds) as hold_seconds, sum(attempts) as attempts,
        bool_or(needs_callback) as needs_callback,
        min(occurred_at) filter (change = 'callback_done') as called_back_at,
        min(occurred_at) filter (change = 'callback_waived') as waived_at,
        max(position) as position
    from known
    group by call_id
    having sum(calls) > 0
)
select * from standing;
