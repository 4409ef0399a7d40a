{{ config(enabled=is_on('snapchat_ads')) }}

{{ hours_to_market_days(
    'snapchat_ads',
    ref('stg_snapchat_ads__campaign_report_hourly'),
    ref('stg_snapchat_ads__campaigns'),
    ref('stg_snapchat_ads__accounts'),
) }}
