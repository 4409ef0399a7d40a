-- Orders less refunds are the same money before weeks are made and after. A row is a market that differs.
with orders as (

    select
        market,
        sum(revenue) as revenue
    from {{ ref('int_orders__converted') }}
    group by market

),

csv_outcomes as (

    select
        market,
        sum(value) as revenue
    from {{ ref('int_observations__converted') }}
    where role = 'outcome' and name = 'revenue'
    group by market

),

marts as (

    select
        market,
        sum(value) as revenue
    from {{ ref('fct_outcomes_weekly') }}
    where outcome = 'revenue'
    group by market

)

select
    orders.market,
    orders.revenue as revenue_in,
    marts.revenue as revenue_out,
    'shopify: int_orders__converted to fct_outcomes_weekly, ' || orders.market || ': '
    || round(cast(orders.revenue + coalesce(csv_outcomes.revenue, 0) as numeric), 2) || ' went in and '
    || round(cast(coalesce(marts.revenue, 0) as numeric), 2) || ' came out. Compare both tables by day.' as message
from orders
left join csv_outcomes on orders.market = csv_outcomes.market
left join marts on orders.market = marts.market
where abs(orders.revenue + coalesce(csv_outcomes.revenue, 0) - coalesce(marts.revenue, 0)) >= 0.005
