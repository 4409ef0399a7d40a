{{ config(enabled=is_on('shopify')) }}

select
    id as order_line_id,
    order_id,
    coalesce(gift_card, false) as is_gift_card,
    price * quantity - coalesce(total_discount, 0) as price_local,
    _loaded_at
from {{ source('shopify', 'order_line') }}
