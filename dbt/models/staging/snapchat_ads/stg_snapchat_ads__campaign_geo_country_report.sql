{{ config(enabled=is_on('snapchat_ads')) }}

select
    campaign_id,
    country as country_code,
    date as date_day,
    {{ micros_to_money('spend') }} as spend_local
from {{ source('snapchat_ads', 'campaign_geo_country_daily_report') }}
