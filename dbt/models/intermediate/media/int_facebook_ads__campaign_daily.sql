{{ config(enabled=is_on('facebook_ads'), materialized='view') }}

with ad_days as (

    select * from {{ ref('int_facebook_ads__ad_days_summed') }}

),

campaigns as (

    select * from {{ ref('stg_facebook_ads__campaigns') }}

),

accounts as (

    select * from {{ ref('stg_facebook_ads__accounts') }}

)

select
    ad_days.account_id,
    ad_days.campaign_id,
    campaigns.campaign_name,
    campaigns.campaign_type,
    accounts.account_currency,
    accounts.report_timezone,
    ad_days.date_day,
    ad_days.spend_local,
    ad_days.impressions,
    ad_days.clicks
from ad_days
left join campaigns on ad_days.campaign_id = campaigns.campaign_id
left join accounts on ad_days.account_id = accounts.account_id
