-- Hours change their day, never their money. A row is a step where money was lost or doubled.
{{ config(severity='error') }}

{{ spend_in_equals_spend_out(
    'tiktok_ads',
    'select spend as spend_local from ' ~ source('tiktok_ads', 'campaign_report_hourly')
) }}
