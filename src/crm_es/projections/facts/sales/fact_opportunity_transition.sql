-- How deals moved: every change of what a deal counts for, with what it was and what it became.
-- Grain: one event of an opportunity. pipeline_leg turns each row into what leaves and what comes,
-- whose sum up to any position or day is the pipeline as it stood.
-- change: opened, advanced, regressed, amount_revised, close_date_moved, probability_overridden,
-- assigned, held, resumed, migrated, lead_linked, won, lost, abandoned, reopened, retracted.
-- from_customer_id: whose deal it was before, where lead_linked made it another's.
-- A null status counts nowhere: before a deal was opened, and once it was taken back.
-- Units: amounts in currency; probabilities from 0 to 1.
create table fact_opportunity_transition(
    position bigint not null, opportunity_id uuid not null, change varchar not null,
    from_customer_id uuid, customer_id uuid, occurred_at timestamptz not null,
    precision varchar not null, from_status varchar, to_status varchar, from_stage varchar,
    to_stage varchar, from_owner varchar, to_owner varchar, from_amount decimal(18,4),
    to_amount decimal(18,4), currency varchar not null, from_probability decimal(18,6),
    to_probability decimal(18,6), from_close_on date, to_close_on date, pipeline_id uuid,
    product varchar, lead_id uuid, campaign_id uuid, origin varchar, campaign varchar,
    content varchar, term varchar, source varchar, source_id varchar, attributes json,
    order_id uuid, reason varchar, competitor varchar, opened_at timestamptz
);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'opened' as change, customer_id, occurred_at,
    precision, 'open' as to_status, stage as to_stage, owner as to_owner, amount as to_amount,
    currency, probability as to_probability, expected_close_on as to_close_on, pipeline_id,
    product, lead_id, campaign_id, origin, campaign, content, term, source, source_id, attributes,
    occurred_at as opened_at
from events.opportunity_opened where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'advanced' as change, customer_id, occurred_at,
    precision, from_status, from_status as to_status, from_stage, to_stage, owner as from_owner,
    owner as to_owner, amount as from_amount, amount as to_amount, currency, from_probability,
    probability as to_probability, expected_close_on as from_close_on,
    expected_close_on as to_close_on
from events.opportunity_stage_advanced where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'regressed' as change, customer_id, occurred_at,
    precision, from_status, from_status as to_status, from_stage, to_stage, owner as from_owner,
    owner as to_owner, amount as from_amount, amount as to_amount, currency, from_probability,
    probability as to_probability, expected_close_on as from_close_on,
    expected_close_on as to_close_on
from events.opportunity_stage_regressed where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'amount_revised' as change, customer_id, occurred_at,
    precision, from_status, from_status as to_status, stage as from_stage, stage as to_stage,
    owner as from_owner, owner as to_owner, from_amount, to_amount, currency,
    probability as from_probability, probability as to_probability,
    expected_close_on as from_close_on, expected_close_on as to_close_on
from events.opportunity_amount_revised where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'close_date_moved' as change, customer_id, occurred_at,
    precision, from_status, from_status as to_status, stage as from_stage, stage as to_stage,
    owner as from_owner, owner as to_owner, amount as from_amount, amount as to_amount, currency,
    probability as from_probability, probability as to_probability, from_date as from_close_on,
    to_date as to_close_on
from events.opportunity_close_date_moved where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'probability_overridden' as change, customer_id,
    occurred_at, precision, from_status, from_status as to_status, stage as from_stage,
    stage as to_stage, owner as from_owner, owner as to_owner, amount as from_amount,
    amount as to_amount, currency, from_probability, to_probability,
    expected_close_on as from_close_on, expected_close_on as to_close_on, reason
from events.opportunity_probability_overridden where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'assigned' as change, customer_id, occurred_at,
    precision, from_status, from_status as to_status, stage as from_stage, stage as to_stage,
    from_owner, to_owner, amount as from_amount, amount as to_amount, currency,
    probability as from_probability, probability as to_probability,
    expected_close_on as from_close_on, expected_close_on as to_close_on
from events.opportunity_assigned where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'held' as change, customer_id, occurred_at, precision,
    from_status, if(from_status is null, null, 'on_hold') as to_status, stage as from_stage,
    stage as to_stage, owner as from_owner, owner as to_owner, amount as from_amount,
    amount as to_amount, currency, probability as from_probability, probability as to_probability,
    expected_close_on as from_close_on, expected_close_on as to_close_on, reason
from events.opportunity_held where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'resumed' as change, customer_id, occurred_at,
    precision, from_status, if(from_status is null, null, 'open') as to_status,
    stage as from_stage, stage as to_stage, owner as from_owner, owner as to_owner,
    amount as from_amount, amount as to_amount, currency, probability as from_probability,
    probability as to_probability, expected_close_on as from_close_on,
    expected_close_on as to_close_on
from events.opportunity_resumed where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'migrated' as change, customer_id, occurred_at,
    precision, from_status, from_status as to_status, stage as from_stage, stage as to_stage,
    owner as from_owner, owner as to_owner, amount as from_amount, amount as to_amount, currency,
    from_probability, probability as to_probability, expected_close_on as from_close_on,
    expected_close_on as to_close_on
from events.opportunity_migrated where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'lead_linked' as change, from_customer_id, customer_id,
    occurred_at, precision, from_status, from_status as to_status, stage as from_stage,
    stage as to_stage, owner as from_owner, owner as to_owner, amount as from_amount,
    amount as to_amount, currency, probability as from_probability,
    probability as to_probability, expected_close_on as from_close_on,
    expected_close_on as to_close_on, lead_id
from events.opportunity_lead_linked where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'won' as change, customer_id, occurred_at, precision,
    from_status, if(from_status is null, null, 'won') as to_status, from_stage, to_stage,
    owner as from_owner, owner as to_owner, from_amount, amount as to_amount, currency,
    from_probability, 1 as to_probability, expected_close_on as from_close_on,
    expected_close_on as to_close_on, product, order_id, opened_at
from events.opportunity_won where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'lost' as change, customer_id, occurred_at, precision,
    from_status, if(from_status is null, null, 'lost') as to_status, from_stage, to_stage,
    owner as from_owner, owner as to_owner, amount as from_amount, amount as to_amount, currency,
    from_probability, 0 as to_probability, expected_close_on as from_close_on,
    expected_close_on as to_close_on, product, reason, competitor, opened_at
from events.opportunity_lost where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'abandoned' as change, customer_id, occurred_at,
    precision, from_status, if(from_status is null, null, 'abandoned') as to_status,
    stage as from_stage, stage as to_stage, owner as from_owner, owner as to_owner,
    amount as from_amount, amount as to_amount, currency, from_probability, 0 as to_probability,
    expected_close_on as from_close_on, expected_close_on as to_close_on, reason
from events.opportunity_abandoned where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'reopened' as change, customer_id, occurred_at,
    precision, from_status, if(from_status is null, null, 'open') as to_status, from_stage,
    to_stage, owner as from_owner, owner as to_owner, amount as from_amount, amount as to_amount,
    currency, from_probability, probability as to_probability, expected_close_on as from_close_on,
    expected_close_on as to_close_on, reason
from events.opportunity_reopened where is_new(position);

insert into fact_opportunity_transition by name
select
    position, stream_id as opportunity_id, 'retracted' as change, customer_id, occurred_at,
    precision, from_status, stage as from_stage, owner as from_owner, amount as from_amount,
    currency, probability as from_probability, expected_close_on as from_close_on, reason
from events.opportunity_retracted where is_new(position);
