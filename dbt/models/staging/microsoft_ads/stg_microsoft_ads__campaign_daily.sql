{{ config(enabled=is_on('microsoft_ads')) }}

with report as (

    select * from {{ source('microsoft_ads', 'campaign_performance_daily_report') }}

),

campaigns as (

    {{ latest_version(
        source('microsoft_ads', 'campaign_history'),
        key=['id'],
        newest_first=['modified_time desc', '_loaded_at desc'],
    ) }}

),

accounts as (

    {{ latest_version(
        source('microsoft_ads', 'account_history'),
        key=['id'],
        newest_first=['last_modified_time desc', '_loaded_at desc'],
    ) }}

),

-- Nine segments a campaign and day. Account and currency are the report's own: deleted campaigns leave the history.
summed as (

    select
        account_id,
        campaign_id,
        currency_code,
        date,
        sum(spend) as spend_local,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(coalesce(conversions_qualified, conversions)) as platform_conversions
    from report
    group by account_id, campaign_id, currency_code, date

)

select
    summed.account_id,
    summed.campaign_id,
    campaigns.name as campaign_name,
    campaigns.type as campaign_type,
    summed.currency_code as account_currency,
    coalesce({{ iana_time_zone('accounts.time_zone') }}, 'UTC') as report_timezone,
    summed.date as date_day,
    summed.spend_local,
    coalesce(summed.impressions, 0) as impressions,
    coalesce(summed.clicks, 0) as clicks,
    coalesce(summed.platform_conversions, 0) as platform_conversions
from summed
left join campaigns on summed.campaign_id = campaigns.id
left join accounts on summed.account_id = accounts.id
