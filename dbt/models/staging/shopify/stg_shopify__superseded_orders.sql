{{ config(enabled=is_on('shopify')) }}

select
    customer_id,
    cast(coalesce(processed_at, created_at) as date) as day_utc,
    _superseded_at
from {{ source('shopify_superseded', 'order') }}
