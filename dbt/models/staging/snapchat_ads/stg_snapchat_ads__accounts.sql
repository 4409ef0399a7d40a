{{ config(enabled=is_on('snapchat_ads')) }}

with source as (

    select * from {{ source('snapchat_ads', 'ad_account_history') }}

),

newest as (

    {{ latest_version('source', key=['id'], newest_first=['_fivetran_synced desc', '_loaded_at desc']) }}

)

select
    id as account_id,
    currency as account_currency,
    timezone as report_timezone
from newest
