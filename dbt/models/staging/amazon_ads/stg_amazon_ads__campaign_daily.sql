{{ config(enabled=is_on('amazon_ads')) }}

with report as (

    select * from {{ source('amazon_ads', 'campaign_level_report') }}

),

campaigns as (

    {{ latest_version(
        source('amazon_ads', 'campaign_history'),
        key=['id'],
        newest_first=['last_updated_date desc', '_loaded_at desc'],
    ) }}

),

profiles as (

    select * from {{ source('amazon_ads', 'profile') }}

),

-- A deleted campaign is of the one profile that pays in the currency of its budget.
placed as (

    select
        report.*,
        coalesce(
            campaigns.profile_id,
            {{ only_account('profiles', 'id', 'profiles.currency_code = report.campaign_budget_currency_code') }},
            'unknown'
        ) as account_id,
        campaigns.name as campaign_name,
        campaigns.targeting_type as campaign_type
    from report
    left join campaigns on report.campaign_id = campaigns.id

)

select
    placed.account_id,
    placed.campaign_id,
    placed.campaign_name,
    placed.campaign_type,
    coalesce(profiles.currency_code, placed.campaign_budget_currency_code) as account_currency,
    profiles.timezone as report_timezone,
    placed.date as date_day,
    placed.cost as spend_local,
    coalesce(placed.impressions, 0) as impressions,
    coalesce(placed.clicks, 0) as clicks,
    coalesce(placed.purchases_30_d, 0) as platform_conversions
from placed
left join profiles on placed.account_id = profiles.id
