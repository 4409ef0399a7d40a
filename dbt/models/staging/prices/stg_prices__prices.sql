{{ config(enabled=is_on('prices')) }}

select
    market,
    product_id,
    upper(currency) as currency,
    date as date_day,
    list_price,
    coalesce(paid_price, list_price * (1 - discount)) as paid_price,
    weight
from {{ source('prices', 'price') }}
