{{ config(enabled=is_on('tiktok_ads')) }}

with source as (

    select * from {{ source('tiktok_ads', 'advertiser') }}

),

newest as (

    {{ latest_version(
        'source',
        key=['id'],
        newest_first=['_fivetran_synced desc nulls last', '_loaded_at desc'],
    ) }}

),

renamed as (

    select
        cast(id as varchar) as account_id,
        upper(currency) as account_currency,
        timezone as report_timezone
    from newest

)

select * from renamed
