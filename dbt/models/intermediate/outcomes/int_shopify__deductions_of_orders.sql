{{ config(enabled=is_on('shopify'), materialized='view') }}

-- What revenue lacks of the price of an order: its refunds (the lines with their tax, and the adjustments: shipping,
-- differences), and the gift cards sold with it. What was given back for a gift card stands in the refunds already.
with refunds as (

    select * from {{ ref('stg_shopify__refunds') }}

),

lines as (

    select * from {{ ref('stg_shopify__order_line_refunds') }}

),

adjustments as (

    select * from {{ ref('stg_shopify__order_adjustments') }}

),

gift_cards as (

    select * from {{ ref('stg_shopify__order_lines') }}
    where is_gift_card

),

parts as (

    select
        refunds.order_id,
        lines.refund_local,
        case when gift_cards.order_line_id is null then 0 else -1 * lines.refund_local end as gift_card_local,
        greatest(lines._loaded_at, refunds._loaded_at) as _loaded_at
    from lines
    inner join refunds on lines.refund_id = refunds.refund_id
    left join gift_cards on lines.order_line_id = gift_cards.order_line_id
    union all
    select
        coalesce(adjustments.order_id, refunds.order_id) as order_id,
        adjustments.refund_local,
        0 as gift_card_local,
        greatest(adjustments._loaded_at, coalesce(refunds._loaded_at, adjustments._loaded_at)) as _loaded_at
    from adjustments
    left join refunds on adjustments.refund_id = refunds.refund_id
    union all
    select
        order_id,
        0 as refund_local,
        price_local as gift_card_local,
        _loaded_at
    from gift_cards

)

select
    order_id,
    sum(refund_local) as refund_local,
    sum(gift_card_local) as gift_card_local,
    max(_loaded_at) as _loaded_at
from parts
where order_id is not null
group by order_id
