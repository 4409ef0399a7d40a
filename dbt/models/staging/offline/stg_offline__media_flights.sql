{{ config(enabled=is_on('offline')) }}

with source as (

    select * from {{ source('offline', 'media_flights') }}

),

newest as (

    {{ latest_version('source', key=['flight_id'], newest_first=['updated_at desc', '_loaded_at desc']) }}

),

renamed as (

    select
        cast(flight_id as varchar) as flight_id,
        lower(channel) as channel_label,
        market,
        cast(flight_start as date) as flight_start,
        cast(flight_end as date) as flight_end,
        cast(flight_end as date) - cast(flight_start as date) + 1 as flight_days,
        grps,
        net_cost as spend_local,
        upper(currency) as currency,
        lower(status) as status
    from newest

)

select * from renamed
