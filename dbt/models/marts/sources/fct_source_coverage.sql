-- What each feed delivered, week by week, beside what it should have: days, money, and its own past.
with feed_weeks as (

    select * from {{ ref('int_feed_weeks__observed') }}

),

feeds as (

    select * from {{ ref('int_feeds__used') }}

),

reach as (

    select max(covered.date_day) as reached_day
    from {{ ref('int_feed_days__covered') }} as covered
    inner join feeds on covered.source = feeds.source
    where feeds.role <> 'control'

),

media as (

    select
        source,
        market,
        week_start,
        sum(spend) as spend,
        sum(case when channel = 'unmapped' then spend else 0 end) as unmapped_spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks
    from {{ ref('int_media__daily_converted') }}
    group by source, market, week_start

),

-- Days that both reports tell: a total that arrives a day later is no gap.
total_days as (

    select
        source,
        market,
        week_start,
        date_day,
        sum(spend) as spend
    from {{ ref('int_media__account_totals') }}
    group by source, market, week_start, date_day

),

media_days as (

    select
        source,
        market,
        date_day,
        sum(spend) as spend
    from {{ ref('int_media__daily_converted') }}
    group by source, market, date_day

),

totals as (

    select
        total_days.source,
        total_days.market,
        total_days.week_start,
        sum(total_days.spend) as account_total_spend,
        sum(coalesce(media_days.spend, 0)) - sum(total_days.spend) as spend_gap
    from total_days
    left join media_days
        on
            total_days.source = media_days.source
            and total_days.market = media_days.market
            and total_days.date_day = media_days.date_day
    group by total_days.source, total_days.market, total_days.week_start

),

outcomes as (

    select
        source,
        market,
        week_start,
        sum(value) as volume
    from {{ ref('int_outcomes__daily_converted') }}
    where outcome in ({{ count_outcomes() }}) and outcome <> 'new_customers'
    group by source, market, week_start

),

weeks as (

    select
        feed_weeks.source,
        feed_weeks.market,
        feed_weeks.week_start,
        feed_weeks.days_expected,
        feed_weeks.days_observed,
        feed_weeks.days_late,
        feed_weeks.missing_days,
        feed_weeks.days_observed = 7 as is_complete,
        feed_weeks.week_start + 6 + feeds.lookback_days < reach.reached_day as is_final,
        media.spend,
        totals.account_total_spend,
        totals.spend_gap,
        media.unmapped_spend,
        1000 * media.spend / nullif(media.impressions, 0) as cpm,
        media.spend / nullif(media.clicks, 0) as cpc,
        coalesce(media.impressions, outcomes.volume) as volume
    from feed_weeks
    cross join reach
    inner join feeds on feed_weeks.source = feeds.source and feed_weeks.market = feeds.market
    left join media
        on
            feed_weeks.source = media.source
            and feed_weeks.market = media.market
            and feed_weeks.week_start = media.week_start
    left join totals
        on
            feed_weeks.source = totals.source
            and feed_weeks.market = totals.market
            and feed_weeks.week_start = totals.week_start
    left join outcomes
        on
            feed_weeks.source = outcomes.source
            and feed_weeks.market = outcomes.market
            and feed_weeks.week_start = outcomes.week_start

),

-- The eight weeks before, of which four must be whole: the median, because one odd week is no custom.
past as (

    select
        weeks.source,
        weeks.market,
        weeks.week_start,
        percentile_cont(0.5) within group (order by earlier.cpm) as cpm,
        percentile_cont(0.5) within group (order by earlier.cpc) as cpc,
        percentile_cont(0.5) within group (order by earlier.volume) as volume
    from weeks
    inner join weeks as earlier
        on
            weeks.source = earlier.source
            and weeks.market = earlier.market
            and weeks.week_start - 56 <= earlier.week_start
            and weeks.week_start > earlier.week_start
            and earlier.is_complete
    group by weeks.source, weeks.market, weeks.week_start
    having count(*) >= 4

)

select
    cast(weeks.source as varchar) as source,
    cast(weeks.market as varchar) as market,
    cast(weeks.week_start as date) as week_start,
    cast(weeks.days_expected as integer) as days_expected,
    cast(weeks.days_observed as integer) as days_observed,
    cast(weeks.days_late as integer) as days_late,
    cast(weeks.missing_days as varchar) as missing_days,
    weeks.is_complete,
    weeks.is_final,
    cast(weeks.spend as double precision) as spend,
    cast(weeks.account_total_spend as double precision) as account_total_spend,
    cast(weeks.spend_gap as double precision) as spend_gap,
    cast(weeks.unmapped_spend as double precision) as unmapped_spend,
    cast(weeks.cpm as double precision) as cpm,
    cast(weeks.cpc as double precision) as cpc,
    cast(weeks.volume as double precision) as volume,
    cast(weeks.cpm / nullif(past.cpm, 0) - 1 as double precision) as cpm_drift,
    cast(weeks.cpc / nullif(past.cpc, 0) - 1 as double precision) as cpc_drift,
    cast(weeks.volume / nullif(past.volume, 0) - 1 as double precision) as volume_drift
from weeks
left join past
    on
        weeks.source = past.source
        and weeks.market = past.market
        and weeks.week_start = past.week_start
        and weeks.is_complete
