-- contacts,yes,rate,mean duration s
select
    count(*), count(*) filter (r.kind = 'accepted'),
    round(count(*) filter (r.kind = 'accepted') / count(*), 6), round(avg(c.seconds), 6)
from fact_call as c join fact_campaign_response as r using (customer_id);

-- yes rate by contact
select c.line, count(*), round(count(*) filter (r.kind = 'accepted') / count(*), 6)
from fact_call as c join fact_campaign_response as r using (customer_id) group by 1 order by 1;

-- yes rate by poutcome
select m.previous_outcome, count(*), round(count(*) filter (r.kind = 'accepted') / count(*), 6)
from fact_campaign_member as m join fact_campaign_response as r using (customer_id)
where m.change = 'targeted' group by 1 order by 1;

-- exact duplicate rows
select duplicates from import_file where role = 'people';

-- sum of campaign (calls made in this campaign)
select
    sum(attempts), max(attempts),
    (select count(days_since_previous) from fact_campaign_member where change = 'targeted')
from fact_call;
