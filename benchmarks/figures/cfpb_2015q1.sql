-- rows,complaint ids,first,last,products,timely,disputed yes
select
    count(*), count(distinct number), min(business_day(opened_at)), max(business_day(opened_at)),
    count(distinct product), round(count(*) filter (timely) / count(*), 6),
    count(*) filter (disputed)
from case_life;

-- by product
select product, count(*) from case_life group by 1 order by 2 desc;
