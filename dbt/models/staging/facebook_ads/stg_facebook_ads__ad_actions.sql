{{ config(enabled=is_on('facebook_ads')) }}

select
    ad_id,
    date as date_day,
    action_type,
    value as actions,
    _loaded_at
from {{ source('facebook_ads', 'basic_ad_actions') }}
