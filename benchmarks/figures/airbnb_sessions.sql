-- sessions,visitors,with search,message,booking request,first,last
select
    sum(sessions), count(distinct visitor), sum(searched), sum(messaged), sum(booked),
    strftime(min(occurred_at), '%Y-%m-%d %H:%M:%S'), strftime(max(ended_at), '%Y-%m-%d %H:%M:%S')
from fact_web_session;
