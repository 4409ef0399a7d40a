-- Every cent that Facebook Ads charged reaches the mart once. A row is a step where money was lost or doubled.
{{ config(severity='error') }}

{{ spend_in_equals_spend_out(
    'facebook_ads',
    'select spend as spend_local from ' ~ source('facebook_ads', 'basic_ad')
) }}
