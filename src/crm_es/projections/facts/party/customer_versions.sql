-- What was true of each customer, version by version, along either axis of time.
-- Grain: one version of one customer that lasted. by_position false: versions of business time,
-- with what is known now; true: versions of our knowledge, in the order it was recorded.
-- A value holds from its own time on; of two values for one time the one recorded later holds.
-- There is none before the customer was registered.
-- Of a customer taken back and registered anew, business time has the life that began last.
create or replace macro customer_versions(by_position) as table
with lives as (
    select customer_id, max(position) as since from fact_customer_change
    where is_known(position) and change = 'registered' group by customer_id having count(*) > 1
), told as (
    select
        fact.*, fact.occurred_at as since,
        count(*) filter (change = 'registered')
            over (partition by fact.customer_id order by fact.position) as life
    from fact_customer_change as fact
    anti join lives
        on not by_position and lives.customer_id = fact.customer_id
        and fact.position < lives.since
    where is_known(fact.position)
), versions as (
    select
        customer_id, position, since,
        lead(since) over later as until,
        lead(position) over later as next_position,
        arg_max(position, position) filter (change = 'registered') over upto as registered,
        arg_max_null(kind, position) filter (change = 'registered') over upto as kind,
        arg_max_null(source, position) filter (change = 'registered') over upto as source,
        arg_max_null(source_id, position) filter (change = 'registered') over upto as source_id,
        arg_max_null(owner, position)
            filter (change in ('registered', 'ownership_transferred')) over upto as owner,
        arg_max_null(tier, position)
            filter (change in ('registered', 'tier_changed')) over upto as tier,
        arg_max_null(country, position)
            filter (change in ('registered', 'country_changed')) over upto as country,
        arg_max_null(lifecycle, position)
            filter (change in ('registered', 'lifecycle_changed', 'closed', 'won_back')) over upto
            as lifecycle,
        arg_max_null(parent_id, position) filter (change = 'parent_set') over upto as parent_id,
        bool_or(change = 'retracted') over upto as is_retracted
    from told
    window
        later as (
            partition by customer_id order by if(by_position, position, epoch_us(since)), position
        ),
        upto as (
            partition by customer_id, life
            order by if(by_position, position, epoch_us(since)), position
            rows unbounded preceding
        )
)
select * from versions
where registered is not null and (by_position or until is null or until > since);
