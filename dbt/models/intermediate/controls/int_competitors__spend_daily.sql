{{ config(enabled=is_on('competitors')) }}

-- Spread evenly over the days of the period, then converted by the rate of each day, before any sum.
with periods as (

    select * from {{ ref('stg_competitors__media_spend') }}

),

days as (

    select
        market,
        competitor,
        channel,
        first_day,
        currency,
        spend_local / (last_day - first_day + 1) as spend_local,
        {{ each_day('first_day', 'last_day') }} as date_day
    from periods

),

rates as (

    select * from {{ ref('stg_fx__rates') }}
    where reporting_currency = '{{ var("reporting_currency") }}'

),

rated as (

    select
        days.*,
        {{ rate_to_reporting('days.currency', 'rates.rate') }} as fx_rate
    from days
    left join rates on days.currency = rates.currency and days.date_day = rates.date_day

)

select
    market,
    competitor,
    channel,
    first_day,
    date_day,
    currency,
    fx_rate,
    spend_local,
    spend_local * fx_rate as spend
from rated
