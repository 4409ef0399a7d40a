{{ config(enabled=is_on('shopify')) }}

select
    id as order_line_refund_id,
    refund_id,
    order_line_id,
    subtotal + coalesce(total_tax, 0) as refund_local,
    _loaded_at
from {{ source('shopify', 'order_line_refund') }}
