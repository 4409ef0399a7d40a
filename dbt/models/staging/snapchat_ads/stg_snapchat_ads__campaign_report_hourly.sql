{{ config(enabled=is_on('snapchat_ads')) }}

with source as (

    select * from {{ source('snapchat_ads', 'campaign_hourly_report') }}

)

select
    campaign_id,
    date as hour_utc,
    {{ micros_to_money('spend') }} as spend_local,
    coalesce(impressions, 0) as impressions,
    coalesce(swipes, 0) as clicks,
    coalesce(conversion_purchases, 0) as platform_conversions
from source
