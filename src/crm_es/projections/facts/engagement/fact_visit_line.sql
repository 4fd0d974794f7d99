-- What was shown, left or spent on visits, product by product.
-- Grain: one line of one event of a visit. Rows that take a visit back have the sign turned.
-- lines: 1 where a line begins to count, -1 where it was taken back.
-- Units: value in currency.
create table fact_visit_line(
    position bigint not null, visit_id uuid not null, change varchar not null, customer_id uuid,
    agent varchar, company varchar, product varchar, occurred_at timestamptz not null,
    precision varchar not null, lines tinyint not null, quantity decimal(18,4),
    value decimal(18,4), currency varchar, source_id varchar
);

insert into fact_visit_line
select
    position, stream_id, 'recorded', customer_id, agent, company, line.product, occurred_at,
    precision, 1, line.quantity, line.value, currency, line.source_id
from (select *, unnest(lines) as line from events.visit_recorded where is_new(position));

insert into fact_visit_line
select
    position, stream_id, 'reported', customer_id, agent, company, line.product,
    ifnull(checked_in_at, occurred_at), precision, 1, line.quantity, line.value, currency,
    line.source_id
from (
    select *, unnest(lines) as line from events.visit_reported
    where is_new(position) and stands(findings, 'visit')
);

insert into fact_visit_line
select
    position, stream_id, 'retracted', customer_id, agent, company, line.product, took_place_at,
    precision, -1, -line.quantity, -line.value, currency, line.source_id
from (select *, unnest(lines) as line from events.visit_retracted where is_new(position));
