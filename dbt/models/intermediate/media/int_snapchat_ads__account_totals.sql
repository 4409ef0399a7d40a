{{ config(enabled=is_on('snapchat_ads'), materialized='view') }}

{{ account_totals(
    ref('stg_snapchat_ads__campaign_geo_country_report'),
    ref('stg_snapchat_ads__campaigns'),
    ref('stg_snapchat_ads__accounts'),
) }}
