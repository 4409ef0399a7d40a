{{ config(enabled=is_on('fred')) }}

select
    cast(market as varchar) as market,
    cast(control as varchar) as control,
    cast(first_day as date) as first_day,
    cast(last_day as date) as last_day,
    cast(known_from as date) as known_from,
    cast(known_until as date) as known_until,
    cast(value as double precision) as value,
    cast(series_id as varchar) as series_id
from {{ ref('int_fred__releases') }}
