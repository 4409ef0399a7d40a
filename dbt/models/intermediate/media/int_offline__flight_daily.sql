{{ config(enabled=is_on('offline'), materialized='view') }}

select
    'agency sheet' as account_id,
    flight_id as campaign_id,
    channel_label as campaign_name,
    'flight' as campaign_type,
    market,
    currency,
    date_day,
    cost_local as spend_local,
    impressions,
    grps
from {{ ref('int_offline__flight_days') }}
where not is_plan
