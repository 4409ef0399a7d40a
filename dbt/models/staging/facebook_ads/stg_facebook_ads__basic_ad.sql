{{ config(enabled=is_on('facebook_ads')) }}

select
    ad_id,
    account_id,
    campaign_id,
    adset_id as ad_set_id,
    date as date_day,
    spend as spend_local,
    coalesce(impressions, 0) as impressions,
    coalesce(inline_link_clicks, 0) as clicks,
    _loaded_at
from {{ source('facebook_ads', 'basic_ad') }}
