with source as (

    select * from {{ source('fx', 'rates') }}

),

newest as (

    {{ latest_version(
        'source',
        key=['date', 'currency', 'reporting_currency'],
        newest_first=['_loaded_at desc'],
    ) }}

),

renamed as (

    select
        cast(date as date) as date_day,
        upper(currency) as currency,
        upper(reporting_currency) as reporting_currency,
        rate
    from newest

)

select * from renamed
