-- Every cent of an order that counts, less what was paid back and what gift cards cost, is in the shop's daily revenue,
-- every order is one, and every customer of the newest load is new once. A row is a sum that differs: an incremental
-- table has missed a load.
{{ config(
    severity='error', enabled=is_on('shopify'),
    meta={'dagster': {'ref': {'name': 'int_shopify__outcome_daily'}}},
) }}

with orders as not materialized (

    select * from {{ ref('stg_shopify__orders') }}
    where counts

),

first_orders as (

    select * from {{ ref('int_shopify__first_orders') }}

),

paid as (

    select
        count(*) as orders,
        coalesce(sum(total_price_local), 0) as total_price_local
    from orders

),

-- From the side of the deductions, which are few.
deducted as (

    select
        coalesce(sum(
            coalesce(deductions.refund_local, 0)
            {{ '' if var('gift_cards_are_revenue') else '+ coalesce(deductions.gift_card_local, 0)' }}
        ), 0) as deducted_local
    from {{ ref('int_shopify__deductions_of_orders') }} as deductions
    inner join orders on deductions.order_id = orders.order_id

),

newest as (

    select
        customer_id,
        min(ordered_at_utc) as ordered_at_utc
    from orders
    where customer_id is not null and _loaded_at = (select max(latest._loaded_at) from orders as latest)
    group by customer_id

),

missed as (

    select count(*) as customers
    from newest
    left join first_orders on newest.customer_id = first_orders.customer_id
    where first_orders.first_ordered_at_utc is null or first_orders.first_ordered_at_utc > newest.ordered_at_utc

),

new_customers as (

    select count(*) as customers
    from first_orders
    where first_ordered_at_utc is not null

),

exported as (

    select
        paid.orders,
        paid.total_price_local - deducted.deducted_local as revenue,
        new_customers.customers + missed.customers as customers
    from paid
    cross join deducted
    cross join missed
    cross join new_customers

),

counted as (

    select
        coalesce(sum(case when outcome = 'orders' then value_local else 0 end), 0) as orders,
        coalesce(sum(case when outcome = 'revenue' then value_local else 0 end), 0) as revenue,
        coalesce(sum(case when outcome = 'new_customers' then value_local else 0 end), 0) as customers
    from {{ ref('int_shopify__outcome_daily') }}

)

select
    'shopify: the export holds ' || exported.orders || ' orders of ' || exported.customers || ' customers worth '
    || round(cast(exported.revenue as numeric), 2) || ', and int_shopify__outcome_daily ' || counted.orders || ' of '
    || counted.customers || ' worth ' || round(cast(counted.revenue as numeric), 2)
    || ', shop currencies added up. Build int_shopify__order_slots and int_shopify__first_orders with --full-refresh.'
        as message
from exported
cross join counted
where
    exported.orders <> counted.orders
    or exported.customers <> counted.customers
    or abs(exported.revenue - counted.revenue) >= 0.005
