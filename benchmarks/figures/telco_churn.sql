-- customers,churned,rate,blank TotalCharges,sum monthly
with current as (
    select count(*) as n, count(*) filter (lifecycle = 'closed') as churned
    from dim_customer where is_current
)
select
    n, churned, round(churned / n, 6),
    n - (select count(*) from dim_customer_attribute where name = 'total_charges'),
    (select sum(number) from dim_customer_attribute where name = 'monthly_charge')
from current;
