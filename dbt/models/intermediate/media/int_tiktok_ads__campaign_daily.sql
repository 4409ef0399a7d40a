{{ config(enabled=is_on('tiktok_ads')) }}

{{ hours_to_market_days(
    'tiktok_ads',
    ref('stg_tiktok_ads__campaign_report_hourly'),
    ref('stg_tiktok_ads__campaigns'),
    ref('stg_tiktok_ads__accounts'),
) }}
