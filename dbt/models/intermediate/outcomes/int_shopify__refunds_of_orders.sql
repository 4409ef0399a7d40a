{{ config(enabled=is_on('shopify'), materialized='view') }}

-- An order's refunds: the lines with their tax, and the adjustments (shipping, differences).
with refunds as (

    select * from {{ ref('stg_shopify__refunds') }}

),

lines as (

    select * from {{ ref('stg_shopify__order_line_refunds') }}

),

adjustments as (

    select * from {{ ref('stg_shopify__order_adjustments') }}

),

parts as (

    select
        refunds.order_id,
        lines.refund_local,
        greatest(lines._loaded_at, refunds._loaded_at) as _loaded_at
    from lines
    inner join refunds on lines.refund_id = refunds.refund_id
    union all
    select
        coalesce(adjustments.order_id, refunds.order_id) as order_id,
        adjustments.refund_local,
        greatest(adjustments._loaded_at, coalesce(refunds._loaded_at, adjustments._loaded_at)) as _loaded_at
    from adjustments
    left join refunds on adjustments.refund_id = refunds.refund_id

)

select
    order_id,
    sum(refund_local) as refund_local,
    max(_loaded_at) as _loaded_at
from parts
where order_id is not null
group by order_id
