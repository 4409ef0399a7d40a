{{ config(enabled=is_on('shopify')) }}

select
    id as order_id,
    customer_id,
    coalesce(processed_at, created_at) as ordered_at_utc,
    cast(coalesce(processed_at, created_at) as date) as day_utc,
    upper(currency) as currency,
    upper(shipping_address_country_code) as shipping_country_code,
    total_price as total_price_local,
    -- Test orders are nobody's, cancelled and deleted ones brought nothing. Which ways of ordering no advertising
    -- brings, a till or a seller's own drafts, is the company's to say.
    not coalesce(test, false)
    and coalesce(source_name, 'unknown') not in ({{ uncounted_order_sources() }})
    and cancelled_at is null
    and not coalesce(_fivetran_deleted, false) as counts,
    _loaded_at
from {{ source('shopify', 'order') }}
