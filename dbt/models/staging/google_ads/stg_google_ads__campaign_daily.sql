{{ config(enabled=is_on('google_ads')) }}

with report as (

    select * from {{ source('google_ads', 'campaign_stats') }}

),

campaigns as (

    {{ latest_version(
        source('google_ads', 'campaign_history'),
        key=['id'],
        newest_first=['updated_at desc', '_loaded_at desc'],
    ) }}

),

accounts as (

    {{ latest_version(
        source('google_ads', 'account_history'),
        key=['id'],
        newest_first=['updated_at desc', '_loaded_at desc'],
    ) }}

),

-- A row a device and network. The history is joined after the sum: it holds a row for each renaming.
summed as (

    select
        customer_id,
        id,
        date,
        sum(cost_micros) as cost_micros,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(conversions) as conversions
    from report
    group by customer_id, id, date

)

select
    summed.customer_id as account_id,
    summed.id as campaign_id,
    campaigns.name as campaign_name,
    campaigns.advertising_channel_type as campaign_type,
    accounts.currency_code as account_currency,
    accounts.time_zone as report_timezone,
    summed.date as date_day,
    {{ micros_to_money('summed.cost_micros') }} as spend_local,
    coalesce(summed.impressions, 0) as impressions,
    coalesce(summed.clicks, 0) as clicks,
    coalesce(summed.conversions, 0) as platform_conversions
from summed
left join campaigns on summed.id = campaigns.id
left join accounts on summed.customer_id = accounts.id
