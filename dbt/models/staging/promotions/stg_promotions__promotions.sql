{{ config(enabled=is_on('promotions')) }}

select
    promotion_id,
    market,
    first_day,
    last_day,
    discount
from {{ source('promotions', 'promotion') }}
