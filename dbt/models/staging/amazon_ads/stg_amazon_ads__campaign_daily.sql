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

)

select
    coalesce(campaigns.profile_id, 'unknown') as account_id,
    report.campaign_id,
    campaigns.name as campaign_name,
    campaigns.targeting_type as campaign_type,
    coalesce(profiles.currency_code, report.campaign_budget_currency_code) as account_currency,
    profiles.timezone as report_timezone,
    report.date as date_day,
    report.cost as spend_local,
    coalesce(report.impressions, 0) as impressions,
    coalesce(report.clicks, 0) as clicks,
    coalesce(report.purchases_30_d, 0) as platform_conversions
from report
left join campaigns on report.campaign_id = campaigns.id
left join profiles on campaigns.profile_id = profiles.id
