with source as (

    select * from {{ source('google_ads', 'account_history') }}

),

newest as (

    {{ latest_version('source', key=['id'], newest_first=['updated_at desc', '_loaded_at desc']) }}

),

renamed as (

    select
        cast(id as varchar) as account_id,
        upper(currency_code) as account_currency,
        time_zone as report_timezone
    from newest

)

select * from renamed
