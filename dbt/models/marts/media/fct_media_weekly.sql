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

reported_by_source as (

    select
        market,
        channel,
        source,
        case when count(impressions) > 0 then 1 else 0 end as has_impressions,
        case when count(clicks) > 0 then 1 else 0 end as has_clicks,
        case when count(platform_conversions) > 0 then 1 else 0 end as has_conversions,
        case when count(grps) > 0 then 1 else 0 end as has_grps,
        case when count(provisional_spend) > 0 then 1 else 0 end as has_provisional
    from figures
    group by market, channel, source

),

-- Which figures all sources of a channel report: TV reports no clicks, so its clicks are unknown and not 0, and the
-- conversions of two platforms of which one keeps silent are not those of the other.
reported as (

    select
        market,
        channel,
        min(has_impressions) = 1 as has_impressions,
        min(has_clicks) = 1 as has_clicks,
        min(has_conversions) = 1 as has_conversions,
        min(has_grps) = 1 as has_grps,
        -- Other than these, spend that no source calls provisional is final: one source's telling is enough.
        max(has_provisional) = 1 as has_provisional
    from reported_by_source
    group by market, channel

)

select
    summed.week_start,
    summed.market,
    summed.channel,
    -- No row in a delivered week is no spend; no row in a week that was not delivered stays unknown.
    cast(coalesce(summed.spend, case when summed.days_observed > 0 then 0 end) as double precision) as spend,
    {%- for figure, has_figure in [
        ('impressions', 'has_impressions'),
        ('clicks', 'has_clicks'),
        ('platform_conversions', 'has_conversions'),
        ('grps', 'has_grps'),
        ('provisional_spend', 'has_provisional'),
    ] %}
    cast(
        case
            when reported.{{ has_figure }}
                then coalesce(summed.{{ figure }}, case when summed.days_observed > 0 then 0 end)
        end as double precision
    ) as {{ figure }},
    {%- endfor %}
    cast(summed.days_observed as integer) as days_observed,
    summed.days_observed = 7 as is_complete
from summed
inner join reported on summed.market = reported.market and summed.channel = reported.channel
