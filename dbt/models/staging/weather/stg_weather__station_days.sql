{{ config(enabled=is_on('weather')) }}

select
    market,
    station,
    date as date_day,
    coalesce(weight, 1) as weight,
    temperature_mean,
    temperature_max,
    precipitation,
    coalesce(sunshine_minutes / 60, sunshine_seconds / 3600) as sunshine_hours
from {{ source('weather', 'station_daily') }}
