{{ config(enabled=is_on('shopify')) }}

select
    id as order_id,
    customer_id,
    coalesce(processed_at, created_at) as ordered_at_utc,
    cast(coalesce(processed_at, created_at) as date) as day_utc,
    upper(currency) as currency,
    upper(shipping_address_country_code) as shipping_country_code,
    total_price as total_price_local,
    -- Test orders are nobody's, cancelled and deleted ones brought nothing.
    not coalesce(test, false)
    and cancelled_at is null
    and not coalesce(_fivetran_deleted, false) as counts,
    _loaded_at
from {{ source('shopify', 'order') }}
