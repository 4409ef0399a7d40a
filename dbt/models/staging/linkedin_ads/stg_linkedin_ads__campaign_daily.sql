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

-- What others call a campaign.
groups as (

    {{ latest_version(
        source('linkedin_ads', 'campaign_group_history'),
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

),

placed as (

    select
        report.*,
        coalesce(campaigns.account_id, groups.account_id, {{ only_account('accounts', 'id') }}, 'unknown')
            as account_id,
        {{ grouped_name('groups.name', 'campaigns.name') }} as campaign_name,
        campaigns.type as campaign_type
    from report
    left join campaigns on report.campaign_id = campaigns.id
    left join groups on campaigns.campaign_group_id = groups.id

)

select
    placed.account_id,
    placed.campaign_id,
    placed.campaign_name,
    placed.campaign_type,
    accounts.currency as account_currency,
    'UTC' as report_timezone,
    placed.day as date_day,
    placed.cost_in_local_currency as spend_local,
    coalesce(placed.impressions, 0) as impressions,
    coalesce(placed.clicks, 0) as clicks,
    -- Holds conversions after a click and after a view already: adding those columns would count them twice.
    coalesce(placed.external_website_conversions, 0) as platform_conversions
from placed
left join accounts on placed.account_id = accounts.id
