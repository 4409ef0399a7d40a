{{ config(enabled=is_on('tiktok_ads')) }}

select
    campaign_id,
    stat_time_hour as hour_utc,
    spend as spend_local,
    coalesce(impressions, 0) as impressions,
    coalesce(clicks, 0) as clicks,
    coalesce(conversion, 0) as platform_conversions
from {{ source('tiktok_ads', 'campaign_report_hourly') }}
