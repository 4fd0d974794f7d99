-- Campaigns as they were: state and budget by business time.
-- Grain: one version of one campaign; is_current is the version of now.
-- Units: budget and spent (until then) in currency.
-- Of a thing that was taken back and began anew, the life that began last.
create or replace view dim_campaign as
with lives as (
    select campaign_id, max(position) as since from fact_campaign_change
    where is_known(position) and change = 'planned' group by campaign_id having count(*) > 1
), told as (
    select fact.*, fact.occurred_at as since from fact_campaign_change as fact
    anti join lives on lives.campaign_id = fact.campaign_id and fact.position < lives.since
    where is_known(fact.position)
), versions as (
    select
        campaign_id, since, lead(since) over later as until, position,
        arg_max(position, position) filter (change = 'planned') over upto as planned,
        arg_max_null(name, position) filter (change = 'planned') over upto as name,
        arg_max_null(kind, position) filter (change = 'planned') over upto as kind,
        arg_max_null(channel, position) filter (change = 'planned') over upto as channel,
        arg_max_null(owner, position) filter (change = 'planned') over upto as owner,
        arg_max_null(parent_id, position) filter (change = 'planned') over upto as parent_id,
        arg_max_null(starts_on, position) filter (change = 'planned') over upto as starts_on,
        arg_max_null(ends_on, position) filter (change = 'planned') over upto as ends_on,
        arg_max_null(currency, position) filter (change = 'planned') over upto as currency,
        arg_max_null(source, position) filter (change = 'planned') over upto as source,
        arg_max_null(source_id, position) filter (change = 'planned') over upto as source_id,
        arg_max(state, position) over upto as state,
        arg_max(budget, position) filter (change = 'budget_approved') over upto as budget,
        arg_max(spent, position) over upto as spent,
        min(since) filter (change = 'launched') over upto as launched_at,
        max(since) filter (change in ('completed', 'cancelled')) over upto as ended_at,
        bool_or(change = 'retracted') over upto as is_retracted
    from told
    window
        later as (partition by campaign_id order by since, position),
        upto as (later rows unbounded preceding)
)
select
    campaign_id, row_number() over (partition by campaign_id order by since, position) as version,
    since as valid_from, until as valid_to, until is null as is_current, position, name, kind,
    channel, owner, parent_id, starts_on, ends_on, currency, source, source_id, state, budget,
    spent, launched_at, ended_at, is_retracted
from versions where planned is not null and (until is null or until > since);
