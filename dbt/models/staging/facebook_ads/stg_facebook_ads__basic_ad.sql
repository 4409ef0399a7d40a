with source as (

    select * from {{ source('facebook_ads', 'basic_ad') }}

),

newest as (

    {{ latest_version(
        'source',
        key=['ad_id', 'date'],
        newest_first=['_fivetran_synced desc nulls last', '_loaded_at desc'],
    ) }}

),

renamed as (

    select
        cast(ad_id as varchar) as ad_id,
        cast(account_id as varchar) as account_id,
        cast(date as date) as date_day,
        spend as spend_local,
        coalesce(impressions, 0) as impressions,
        coalesce(inline_link_clicks, 0) as clicks
    from newest

)

select * from renamed
