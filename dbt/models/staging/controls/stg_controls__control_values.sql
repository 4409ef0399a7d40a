with source as (

    select * from {{ source('controls', 'control_values') }}

),

newest as (

    {{ latest_version('source', key=['market', 'control', 'date'], newest_first=['_loaded_at desc']) }}

),

renamed as (

    select
        market,
        control,
        cast(date as date) as date_day,
        value
    from newest

)

select * from renamed
