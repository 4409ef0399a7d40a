with weeks as (

    select * from {{ ref('int_weeks__spanned') }}

),

feed_weeks as (

    select * from {{ ref('int_feed_weeks__observed') }}

),

connector_media as (

    select * from {{ ref('int_media__daily_converted') }}

),

csv_spend as (

    select * from {{ ref('int_observations__converted') }}
    where role = 'spend'

),

figures as (

    select
        market,
        channel,
        source,
        week_start,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(platform_conversions) as platform_conversions,
        sum(grps) as grps,
        sum(provisional_spend) as provisional_spend
    from connector_media
    group by market, channel, source, week_start
    union all
    select
        market,
        name as channel,
        'weekly_csv' as source,
        week_start,
        sum(value) as spend,
        null as impressions,
        null as clicks,
        null as platform_conversions,
        null as grps,
        null as provisional_spend
    from csv_spend
    group by market, name, week_start

),

channels as (

    select distinct
        market,
        channel,
        source
    from figures

),

-- Dense: each channel of a market has every week of that market.
cells as (

    select
        channels.market,
        channels.channel,
        channels.source,
        weeks.week_start
    from channels
    inner join weeks on channels.market = weeks.market

),

observed as (

    select
        cells.*,
        case
            when cells.source <> 'weekly_csv' then coalesce(feed_weeks.days_observed, 0)
            -- A weekly file is complete where it has a row.
            when figures.spend is not null then 7
            else 0
        end as days_observed,
        figures.spend,
        figures.impressions,
        figures.clicks,
        figures.platform_conversions,
        figures.grps,
        figures.provisional_spend
    from cells
    left join figures
        on
            cells.market = figures.market
            and cells.channel = figures.channel
            and cells.source = figures.source
            and cells.week_start = figures.week_start
    left join feed_weeks
        on
            cells.market = feed_weeks.market
            and cells.source = feed_weeks.source
            and cells.week_start = feed_weeks.week_start

),

summed as (

    select
        week_start,
        market,
        channel,
        min(days_observed) as days_observed,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(platform_conversions) as platform_conversions,
        sum(grps) as grps,
        sum(provisional_spend) as provisional_spend
    from observed
    group by week_start, market, channel

),

-- Which figures a channel has at all: TV reports no clicks, so its clicks are unknown and not 0.
reported as (

    select
        market,
        channel,
        count(impressions) > 0 as has_impressions,
        count(clicks) > 0 as has_clicks,
        count(platform_conversions) > 0 as has_conversions,
        count(grps) > 0 as has_grps,
        count(provisional_spend) > 0 as has_provisional
    from figures
    group by market, channel

)

select
    summed.week_start,
    summed.market,
    summed.channel,
    -- No row in a delivered week is no spend; no row in a week that was not delivered stays unknown.
    cast(coalesce(summed.spend, case when summed.days_observed > 0 then 0 end) as double precision) as spend,
    cast(
        coalesce(summed.impressions, case when reported.has_impressions and summed.days_observed > 0 then 0 end)
        as double precision
    ) as impressions,
    cast(
        coalesce(summed.clicks, case when reported.has_clicks and summed.days_observed > 0 then 0 end)
        as double precision
    ) as clicks,
    cast(
        coalesce(
            summed.platform_conversions,
            case when reported.has_conversions and summed.days_observed > 0 then 0 end
        ) as double precision
    ) as platform_conversions,
    cast(coalesce(summed.grps, case when reported.has_grps and summed.days_observed > 0 then 0 end) as double precision)
        as grps,
    cast(
        coalesce(summed.provisional_spend, case when reported.has_provisional and summed.days_observed > 0 then 0 end)
        as double precision
    ) as provisional_spend,
    cast(summed.days_observed as integer) as days_observed,
    summed.days_observed = 7 as is_complete
from summed
inner join reported on summed.market = reported.market and summed.channel = reported.channel
