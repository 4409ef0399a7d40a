with orders as (

    select * from {{ ref('int_orders__converted') }}

),

daily as (

    select
        market,
        date_day,
        week_start,
        sum(revenue) as revenue,
        count(*) as orders,
        sum(case when is_first_order then 1 else 0 end) as new_customers
    from orders
    group by market, date_day, week_start

)

select
    market,
    date_day,
    week_start,
    'revenue' as outcome,
    cast(revenue as double precision) as value
from daily
union all
select
    market,
    date_day,
    week_start,
    'orders' as outcome,
    cast(orders as double precision) as value
from daily
union all
select
    market,
    date_day,
    week_start,
    'new_customers' as outcome,
    cast(new_customers as double precision) as value
from daily
