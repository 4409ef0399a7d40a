{{ config(enabled=is_on('controls')) }}

select
    market,
    control,
    date as date_day,
    value
from {{ source('controls', 'control_values') }}
