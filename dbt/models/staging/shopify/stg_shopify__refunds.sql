{{ config(enabled=is_on('shopify')) }}

select
    id as refund_id,
    order_id,
    coalesce(processed_at, created_at) as refunded_at_utc,
    _loaded_at
from {{ source('shopify', 'refund') }}
