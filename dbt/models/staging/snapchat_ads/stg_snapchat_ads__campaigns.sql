{{ config(enabled=is_on('snapchat_ads')) }}

with source as (

    select * from {{ source('snapchat_ads', 'campaign_history') }}

),

newest as (

    {{ latest_version('source', key=['id'], newest_first=['_fivetran_synced desc', '_loaded_at desc']) }}

)

select
    id as campaign_id,
    ad_account_id as account_id,
    name as campaign_name,
    objective as campaign_type
from newest
