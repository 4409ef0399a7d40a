{{ config(enabled=is_on('facebook_ads')) }}

with source as (

    select * from {{ source('facebook_ads', 'account_history') }}

),

newest as (

    {{ latest_version('source', key=['id'], newest_first=['_fivetran_synced desc', '_loaded_at desc']) }}

),

renamed as (

    select
        cast(id as varchar) as account_id,
        upper(currency) as account_currency,
        timezone_name as report_timezone
    from newest

)

select * from renamed
