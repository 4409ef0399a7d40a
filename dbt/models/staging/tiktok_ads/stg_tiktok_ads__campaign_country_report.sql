{{ config(enabled=is_on('tiktok_ads')) }}

select
    campaign_id,
    country_code,
    stat_time_day as date_day,
    spend as spend_local
from {{ source('tiktok_ads', 'campaign_country_report') }}
