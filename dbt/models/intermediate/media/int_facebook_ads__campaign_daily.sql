{{ config(enabled=is_on('facebook_ads'), materialized='view') }}

with ad_days as (

    select * from {{ ref('int_facebook_ads__ad_days_summed') }}

),

campaigns as (

    select * from {{ ref('stg_facebook_ads__campaigns') }}

),

accounts as (

    select * from {{ ref('stg_facebook_ads__accounts') }}

),

-- By the keys alone: names are joined to what is left, since texts are dear to group by.
placed as (

    select
        coalesce(
            nullif(ad_days.account_id, 'unknown'),
            campaigns.account_id,
            {{ only_account('accounts', 'account_id') }},
            'unknown'
        ) as account_id,
        ad_days.campaign_id,
        ad_days.date_day,
        sum(ad_days.spend_local) as spend_local,
        sum(ad_days.impressions) as impressions,
        sum(ad_days.clicks) as clicks,
        sum(ad_days.platform_conversions) as platform_conversions,
        sum(ad_days.conversion_value_local) as conversion_value_local
    from ad_days
    left join campaigns on ad_days.campaign_id = campaigns.campaign_id
    group by 1, 2, 3

),

kept as (

    -- What nobody can place and nobody paid for is left out: it must not stop the build.
    select * from placed
    where account_id <> 'unknown' or spend_local > 0

),

told as (

    select
        account_id,
        min(date_day) as first_day
    from kept
    where platform_conversions is not null
    group by 1

)

select
    kept.account_id,
    kept.campaign_id,
    campaigns.campaign_name,
    campaigns.campaign_type,
    accounts.account_currency,
    accounts.report_timezone,
    kept.date_day,
    kept.spend_local,
    kept.impressions,
    kept.clicks,
    -- Without the export of actions nobody knows; with it a day without a row has none.
    coalesce(kept.platform_conversions, case when kept.date_day >= told.first_day then 0 end)
        as platform_conversions,
    kept.conversion_value_local
from kept
left join told on kept.account_id = told.account_id
left join campaigns on kept.campaign_id = campaigns.campaign_id
left join accounts on kept.account_id = accounts.account_id
