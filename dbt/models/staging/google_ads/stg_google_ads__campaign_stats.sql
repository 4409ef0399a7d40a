with source as (

    select * from {{ source('google_ads', 'campaign_stats') }}

),

newest as (

    {{ latest_version(
        'source',
        key=['customer_id', 'id', 'date', 'device', 'ad_network_type'],
        newest_first=['_fivetran_synced desc nulls last', '_loaded_at desc'],
    ) }}

),

renamed as (

    select
        cast(customer_id as varchar) as account_id,
        cast(id as varchar) as campaign_id,
        cast(date as date) as date_day,
        device,
        ad_network_type,
        {{ micros_to_money('cost_micros') }} as spend_local,
        coalesce(impressions, 0) as impressions,
        coalesce(clicks, 0) as clicks,
        coalesce(conversions, 0) as platform_conversions
    from newest

)

select * from renamed
