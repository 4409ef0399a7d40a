{{ config(enabled=is_on('pinterest_ads')) }}

with report as (

    select * from {{ source('pinterest_ads', 'campaign_report') }}

),

campaigns as (

    {{ latest_version(
        source('pinterest_ads', 'campaign_history'),
        key=['id'],
        newest_first=['_fivetran_synced desc', '_loaded_at desc'],
    ) }}

),

advertisers as (

    {{ latest_version(
        source('pinterest_ads', 'advertiser_history'),
        key=['id'],
        newest_first=['updated_time desc', '_loaded_at desc'],
    ) }}

)

select
    report.advertiser_id as account_id,
    report.campaign_id,
    coalesce(campaigns.name, report.campaign_name) as campaign_name,
    campaigns.objective_type as campaign_type,
    advertisers.currency as account_currency,
    'UTC' as report_timezone,
    report.date as date_day,
    -- "Micro dollar" whatever the currency: millionths of the advertiser's own.
    {{ micros_to_money('report.spend_in_micro_dollar') }} as spend_local,
    -- Paid ones only. What saved pins earn later was not bought by the day's spend.
    coalesce(report.impression_1, 0) as impressions,
    coalesce(report.clickthrough_1, 0) as clicks,
    coalesce(report.total_conversions, 0) as platform_conversions
from report
left join campaigns on report.campaign_id = campaigns.id
left join advertisers on report.advertiser_id = advertisers.id
