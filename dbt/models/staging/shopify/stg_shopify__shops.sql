{{ config(enabled=is_on('shopify')) }}

select
    id as shop_id,
    upper(currency) as currency,
    iana_timezone as shop_timezone,
    upper(country_code) as country_code
from {{ source('shopify', 'shop') }}
