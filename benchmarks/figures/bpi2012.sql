-- events,cases,activities,resources
select sum(activities), count(distinct about_id), count(distinct kind), count(distinct employee)
from fact_activity;

-- cases reaching
select kind, count(distinct about_id) from fact_activity
where kind in ('A_APPROVED', 'A_CANCELLED', 'A_DECLINED', 'A_SUBMITTED', 'O_ACCEPTED', 'O_SENT')
group by 1 order by 1;

-- cases with none of approved/declined/cancelled
select count(*) from opportunity_life where status = 'open';

-- events by sub-process A,O,W
select kind[1], count(*) from fact_activity group by 1 order by 1;
