{{ config(enabled=is_on('tiktok_ads'), materialized='view') }}

{{ account_totals(
    ref('stg_tiktok_ads__campaign_country_report'),
    ref('stg_tiktok_ads__campaigns'),
    ref('stg_tiktok_ads__accounts'),
) }}
