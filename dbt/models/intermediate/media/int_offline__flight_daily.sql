{{ config(enabled=is_on('offline')) }}

with flights as (

    select * from {{ ref('stg_offline__media_flights') }}
    where status in ({{ spent_flight_statuses() }})

),

days as (

    select
        flight_id,
        channel_label,
        market,
        currency,
        flight_days,
        spend_local,
        grps,
        {{ each_day('flight_start', 'flight_end') }} as date_day
    from flights

)

select
    'agency sheet' as account_id,
    flight_id as campaign_id,
    channel_label as campaign_name,
    'flight' as campaign_type,
    market,
    currency,
    date_day,
    -- The sheet knows only the flight's total: each day on air carries the same share of it.
    spend_local / flight_days as spend_local,
    grps / flight_days as grps
from days
