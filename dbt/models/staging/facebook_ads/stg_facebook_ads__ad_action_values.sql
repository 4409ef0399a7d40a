{{ config(enabled=is_on('facebook_ads')) }}

select
    ad_id,
    date as date_day,
    action_type,
    value as value_local,
    _loaded_at
from {{ source('facebook_ads', 'basic_ad_action_values') }}
