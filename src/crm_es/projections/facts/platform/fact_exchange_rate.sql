-- What currencies are worth in the reporting currency, as it was published and corrected.
-- Grain: one event of a rate. dim_exchange_rate makes of it what held when.
-- change: published, corrected, retracted.
-- Units: rate in into_currency, for so many units of currency.
create table fact_exchange_rate(
    position bigint not null, exchange_rate_id uuid not null, change varchar not null,
    occurred_at timestamptz not null, precision varchar not null, currency varchar not null,
    into_currency varchar not null, valid_on date not null, rate decimal(18,6) not null,
    units bigint not null, source varchar, reason varchar
);

insert into fact_exchange_rate by name
select
    position, stream_id as exchange_rate_id, 'published' as change, occurred_at, precision,
    currency, "into" as into_currency, valid_on, rate, units,
    source
from events.exchange_rate_published where is_new(position);

insert into fact_exchange_rate by name
select
    position, stream_id as exchange_rate_id, 'corrected' as change, occurred_at, precision,
    currency, "into" as into_currency, valid_on, rate, units,
    source
from events.exchange_rate_corrected where is_new(position);

insert into fact_exchange_rate by name
select
    position, stream_id as exchange_rate_id, 'retracted' as change, occurred_at, precision,
    currency, "into" as into_currency, valid_on, rate, units,
    reason
from events.exchange_rate_retracted where is_new(position);
