{{ config(enabled=is_on('facebook_ads')) }}

with newest as (

    {{ latest_version(
        source('facebook_ads', 'ad_history'),
        key=['id'],
        newest_first=['updated_time desc', '_loaded_at desc'],
    ) }}

)

select
    id as ad_id,
    account_id,
    campaign_id,
    ad_set_id,
    _loaded_at
from newest
