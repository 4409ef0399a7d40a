{{ config(enabled=is_on('fred')) }}

select
    series_id,
    date as date_day,
    value,
    realtime_start as known_from
from {{ source('fred', 'observations') }}
