-- Every micro that Google Ads charged reaches the mart once. A row is a step where money was lost or doubled.
{{ config(severity='error') }}

{{ spend_in_equals_spend_out(
    'google_ads',
    'select cost_micros / 1000000.0 as spend_local from ' ~ source('google_ads', 'campaign_stats')
) }}
