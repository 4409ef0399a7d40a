-- Spend without a channel is in the mart as `unmapped`, and no model may train past it. A row is a campaign to map.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'fct_media_weekly'}}}) }}

-- depends_on: {{ ref('fct_media_weekly') }}
-- The mart is built first, so that the money can be looked at; what reads the mart is stopped.
with campaigns as (

    select
        source,
        account_id,
        campaign_id,
        campaign_name,
        min(date_day) as first_day,
        max(date_day) as last_day,
        sum(spend) as spend
    from {{ ref('int_media__daily_converted') }}
    where channel = 'unmapped'
    group by source, account_id, campaign_id, campaign_name

)

select
    source,
    account_id,
    campaign_id,
    campaign_name,
    spend,
    source || ' campaign ' || campaign_id || ' (' || coalesce(campaign_name, 'no name in the export')
    || ') matches no rule: '
    -- Without an exchange rate the amount is unknown, and its own test says so.
    || coalesce(cast(round(cast(spend as numeric), 2) as varchar), 'an unknown amount')
    || ' {{ var("reporting_currency") }} from ' || first_day || ' to ' || last_day
    || ' have no channel. Add a rule for it to dbt/seeds/map_campaigns.csv.' as message
from campaigns
