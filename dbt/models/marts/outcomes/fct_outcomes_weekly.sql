with weeks as (

    select * from {{ ref('int_weeks__spanned') }}

),

feed_weeks as (

    select * from {{ ref('int_feed_weeks__observed') }}

),

figures as (

    select
        market,
        outcome,
        source,
        week_start,
        sum(value) as value
    from {{ ref('int_outcomes__daily_converted') }}
    group by market, outcome, source, week_start
    union all
    select
        market,
        name as outcome,
        'weekly_csv' as source,
        week_start,
        sum(value) as value
    from {{ ref('int_observations__converted') }}
    where role = 'outcome'
    group by market, name, week_start

),

outcomes as (

    select distinct
        market,
        outcome,
        source
    from figures

),

cells as (

    select
        outcomes.market,
        outcomes.outcome,
        outcomes.source,
        weeks.week_start
    from outcomes
    inner join weeks on outcomes.market = weeks.market

),

observed as (

    select
        cells.*,
        case
            when cells.source <> 'weekly_csv' then coalesce(feed_weeks.days_observed, 0)
            -- A weekly file is complete where it has a row.
            when figures.value is not null then 7
            else 0
        end as days_observed,
        figures.value
    from cells
    left join figures
        on
            cells.market = figures.market
            and cells.outcome = figures.outcome
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
        outcome,
        sum(value) as value,
        min(days_observed) as days_observed
    from observed
    group by week_start, market, outcome

)

select
    week_start,
    market,
    outcome,
    cast(coalesce(value, case when days_observed > 0 then 0 end) as double precision) as value,
    cast(days_observed as integer) as days_observed,
    days_observed = 7 as is_complete
from summed
