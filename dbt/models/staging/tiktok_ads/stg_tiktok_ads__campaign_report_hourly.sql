with source as (

    select * from {{ source('tiktok_ads', 'campaign_report_hourly') }}

),

newest as (

    {{ latest_version(
        'source',
        key=['campaign_id', 'stat_time_hour'],
        newest_first=['_fivetran_synced desc nulls last', '_loaded_at desc'],
    ) }}

),

renamed as (

    select
        cast(campaign_id as varchar) as campaign_id,
        cast(stat_time_hour as timestamp) as hour_utc,
        spend as spend_local,
        coalesce(impressions, 0) as impressions,
        coalesce(clicks, 0) as clicks,
        coalesce(conversion, 0) as platform_conversions
    from newest

)

select * from renamed
