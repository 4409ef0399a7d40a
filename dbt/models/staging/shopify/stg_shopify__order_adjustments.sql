{{ config(enabled=is_on('shopify')) }}

select
    id as order_adjustment_id,
    refund_id,
    order_id,
    -- The export writes money given back as a negative amount; here a refund is positive.
    -1 * (amount + coalesce(tax_amount, 0)) as refund_local,
    _loaded_at
from {{ source('shopify', 'order_adjustment') }}
