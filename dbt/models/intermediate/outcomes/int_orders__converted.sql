-- A refund lowers the revenue of the ORDER's local day, whenever it is paid back: the advertising that brought the
-- order brought what was kept of it. Past weeks therefore move while refunds come in (see DECISIONLOG.md).
with orders as (

    select * from {{ ref('int_orders__located') }}

),

refunds as (

    select * from {{ ref('int_refunds__summed') }}

),

rates as (

    select * from {{ ref('stg_fx__rates') }}
    where reporting_currency = '{{ var("reporting_currency") }}'

),

rated as (

    select
        orders.*,
        coalesce(refunds.refund_local, 0) as refund_local,
        {{ rate_to_reporting('orders.currency', 'rates.rate') }} as fx_rate
    from orders
    left join refunds on orders.order_id = refunds.order_id
    left join rates on orders.currency = rates.currency and orders.date_day = rates.date_day

)

select
    order_id,
    market,
    currency,
    date_day,
    {{ week_start('date_day') }} as week_start,
    fx_rate,
    total_price_local,
    refund_local,
    (total_price_local - refund_local) * fx_rate as revenue,
    is_first_order
from rated
