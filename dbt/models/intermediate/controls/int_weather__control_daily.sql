{{ config(enabled=is_on('weather'), materialized='view') }}

-- The weather of a market: a weighted mean over the stations that tell the figure. A silent gauge is not a dry one.
with figures as (

    select
        market,
        date_day,
        weight,
        'temperature' as control,
        temperature_mean as value
    from {{ ref('stg_weather__station_days') }}
    union all
    select
        market,
        date_day,
        weight,
        'temperature_max' as control,
        temperature_max as value
    from {{ ref('stg_weather__station_days') }}
    union all
    select
        market,
        date_day,
        weight,
        'precipitation' as control,
        precipitation as value
    from {{ ref('stg_weather__station_days') }}
    union all
    select
        market,
        date_day,
        weight,
        'sunshine' as control,
        sunshine_hours as value
    from {{ ref('stg_weather__station_days') }}

)

select
    market,
    date_day,
    control,
    sum(weight * value) / sum(weight) as value
from figures
where value is not null and weight > 0
group by market, date_day, control
