-- Every cent of an order that counts, less what was paid back and what gift cards cost, is in the shop's daily revenue,
-- and every order is one. A row is a sum that differs: an incremental table has missed a load.
{{ config(
    severity='error', enabled=is_on('shopify'),
    meta={'dagster': {'ref': {'name': 'int_shopify__outcome_daily'}}},
) }}

with orders as (

    select
        count(*) as orders,
        sum(
            orders.total_price_local
            - coalesce(deductions.refund_local, 0)
            {{ '' if var('gift_cards_are_revenue') else '- coalesce(deductions.gift_card_local, 0)' }}
        ) as revenue,
        count(distinct orders.customer_id) as customers
    from {{ ref('stg_shopify__orders') }} as orders
    left join {{ ref('int_shopify__deductions_of_orders') }} as deductions on orders.order_id = deductions.order_id
    where orders.counts

),

counted as (

    select
        sum(case when outcome = 'orders' then value_local else 0 end) as orders,
        sum(case when outcome = 'revenue' then value_local else 0 end) as revenue,
        sum(case when outcome = 'new_customers' then value_local else 0 end) as customers
    from {{ ref('int_shopify__outcome_daily') }}

)

select
    'shopify: the export holds ' || orders.orders || ' orders of ' || orders.customers || ' customers worth '
    || round(cast(coalesce(orders.revenue, 0) as numeric), 2) || ', and int_shopify__outcome_daily '
    || coalesce(counted.orders, 0) || ' of ' || coalesce(counted.customers, 0) || ' worth '
    || round(cast(coalesce(counted.revenue, 0) as numeric), 2)
    || ', shop currencies added up. Build int_shopify__order_slots and int_shopify__first_orders with --full-refresh.'
        as message
from orders
cross join counted
where
    orders.orders <> coalesce(counted.orders, 0)
    or orders.customers <> coalesce(counted.customers, 0)
    or abs(coalesce(orders.revenue, 0) - coalesce(counted.revenue, 0)) >= 0.005
