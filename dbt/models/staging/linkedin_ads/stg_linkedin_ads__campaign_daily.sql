{{ config(enabled=is_on('linkedin_ads')) }}

with report as (

    select * from {{ source('linkedin_ads', 'ad_analytics_by_campaign') }}

),

campaigns as (

    {{ latest_version(
        source('linkedin_ads', 'campaign_history'),
        key=['id'],
        newest_first=['last_modified_time desc', '_loaded_at desc'],
    ) }}

),

accounts as (

    {{ latest_version(
        source('linkedin_ads', 'account_history'),
        key=['id'],
        newest_first=['last_modified_time desc', '_loaded_at desc'],
    ) }}

)

select
    coalesce(campaigns.account_id, 'unknown') as account_id,
    report.campaign_id,
    campaigns.name as campaign_name,
    campaigns.type as campaign_type,
    accounts.currency as account_currency,
    'UTC' as report_timezone,
    report.day as date_day,
    report.cost_in_local_currency as spend_local,
    coalesce(report.impressions, 0) as impressions,
    coalesce(report.clicks, 0) as clicks,
    -- Holds conversions after a click and after a view already: adding those columns would count them twice.
    coalesce(report.external_website_conversions, 0) as platform_conversions
from report
left join campaigns on report.campaign_id = campaigns.id
left join accounts on campaigns.account_id = accounts.id
