-- events,incidents,columns
select
    count(*), count(distinct case_id), (select columns from import_file where role = 'log')
from fact_case where change = 'updated';

-- callers,assignees,first update,last update
select
    count(distinct customer_id), count(distinct assignee),
    strftime(min(occurred_at), '%Y-%m-%d %H:%M:%S'), strftime(max(occurred_at), '%Y-%m-%d %H:%M:%S')
from fact_case where change = 'updated';

-- events by state
select source_state, count(*) from fact_case where change = 'updated' group by 1 order by 2 desc;

-- events by contact type
select channel, count(*) from fact_case where change = 'updated' group by 1 order by 2 desc;

-- incidents ever reopened; max reassignments
select count(distinct case_id) filter (reopenings > 0), max(reassignments)
from fact_case where change = 'updated';

-- incidents with a Closed event
select count(distinct case_id) from fact_case where change = 'updated' and to_state = 'closed';
