{{ config(enabled=is_on('trade_desk')) }}

with report as (

    select * from {{ source('trade_desk', 'dimension_specific_time_and_day_report') }}

),

ad_groups as (

    select * from {{ source('trade_desk', 'ad_group') }}

),

campaigns as (

    select * from {{ source('trade_desk', 'campaign') }}

),

advertisers as (

    select * from {{ source('trade_desk', 'advertiser') }}

),

-- A day of an ad group stands there once for each window and source entity. Its cost is the same in all: one is taken.
ranked as (

    select
        *,
        row_number() over (partition by ad_group_id, date_utc order by lookback_days, source_entity_id) as choice
    from report

),

placed as (

    select
        ranked.*,
        coalesce(ranked.campaign_id, ad_groups.campaign_id, 'of ad group ' || ranked.ad_group_id) as placed_campaign_id,
        coalesce(ranked.advertiser_id, campaigns.advertiser_id, {{ only_account('advertisers', 'id') }}, 'unknown')
            as account_id,
        campaigns.name as campaign_name,
        campaigns.objective as campaign_type,
        -- The sum of two null columns is null: conversions that are not exported are unknown.
        coalesce(
            ranked._01_click_conversion + ranked._01_view_through_conversion,
            ranked._01_click_conversion,
            ranked._01_view_through_conversion
        ) as platform_conversions
    from ranked
    left join ad_groups on ranked.ad_group_id = ad_groups.id
    left join campaigns on coalesce(ranked.campaign_id, ad_groups.campaign_id) = campaigns.id
    where ranked.choice = 1

)

select
    placed.account_id,
    placed.placed_campaign_id as campaign_id,
    placed.campaign_name,
    placed.campaign_type,
    advertisers.currency_code as account_currency,
    'UTC' as report_timezone,
    placed.date_utc as date_day,
    sum(placed.advertiser_cost_adv_currency) as spend_local,
    coalesce(sum(placed.impressions), 0) as impressions,
    coalesce(sum(placed.clicks), 0) as clicks,
    sum(placed.platform_conversions) as platform_conversions
from placed
left join advertisers on placed.account_id = advertisers.id
group by 1, 2, 3, 4, 5, 6, 7
