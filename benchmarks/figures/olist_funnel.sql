-- leads,closed,rate,first contact,last contact,last won
select
    count(*), count(converted_at), round(count(converted_at) / count(*), 6),
    strftime(min(captured_at), '%Y-%m-%d %H:%M:%S'),
    strftime(max(captured_at), '%Y-%m-%d %H:%M:%S'),
    strftime(max(converted_at), '%Y-%m-%d %H:%M:%S')
from lead_life;

-- origin,leads,closed
select origin, count(*), count(converted_at) from lead_life group by 1 order by 2 desc;
