with weeks as (

    select * from {{ ref('int_weeks__spanned') }}

),

definitions as (

    select * from {{ ref('control_definitions') }}

),

daily as (

    select * from {{ ref('int_controls__daily_spread') }}

),

feed_days as (

    select * from {{ ref('int_feed_days__covered') }}

),

registers as (

    select source
    from {{ ref('feeds') }}
    where clock = 'register'

),

csv_controls as (

    select * from {{ ref('int_observations__converted') }}
    where role = 'control'

),

series as (

    select distinct
        daily.source,
        daily.market,
        daily.control,
        definitions.aggregation,
        definitions.missing_days
    from daily
    inner join definitions on daily.control = definitions.control

),

calendar as (

    select
        series.*,
        weeks.week_start,
        {{ each_day('weeks.week_start', "weeks.week_start + interval '6 days'") }} as date_day
    from series
    inner join weeks on series.market = weeks.market

),

-- In a list of events (holidays, offers) a day without a row is a day without the event, as far as the sheet reaches.
filled as (

    select
        calendar.market,
        calendar.control,
        calendar.aggregation,
        calendar.week_start,
        calendar.date_day,
        coalesce(
            daily.value,
            case
                when calendar.missing_days = 'zero' and (feed_days.date_day is not null or registers.source is not null)
                    then 0
            end
        ) as value
    from calendar
    left join daily
        on
            calendar.source = daily.source
            and calendar.market = daily.market
            and calendar.control = daily.control
            and calendar.date_day = daily.date_day
    left join feed_days on calendar.source = feed_days.source and calendar.date_day = feed_days.date_day
    left join registers on calendar.source = registers.source

),

ranked as (

    select
        *,
        row_number() over (
            partition by market, control, week_start
            order by case when value is null then 1 else 0 end, date_day desc
        ) as latest_first
    from filled

),

weekly as (

    select
        week_start,
        market,
        control,
        case aggregation
            when 'sum' then sum(value)
            when 'mean' then avg(value)
            when 'max' then max(value)
            when 'last' then max(case when latest_first = 1 then value end)
        end as value,
        count(value) = 7 as is_complete
    from ranked
    group by week_start, market, control, aggregation

),

csv_series as (

    select distinct
        market,
        name as control
    from csv_controls

),

csv_weekly as (

    select
        weeks.week_start,
        csv_series.market,
        csv_series.control,
        max(csv_controls.value) as value,
        count(csv_controls.value) > 0 as is_complete
    from csv_series
    inner join weeks on csv_series.market = weeks.market
    left join csv_controls
        on
            csv_series.market = csv_controls.market
            and csv_series.control = csv_controls.name
            and weeks.week_start = csv_controls.week_start
    group by weeks.week_start, csv_series.market, csv_series.control

),

unioned as (

    select * from weekly
    union all
    select * from csv_weekly

)

select
    week_start,
    cast(market as varchar) as market,
    cast(control as varchar) as control,
    cast(value as double precision) as value,
    is_complete
from unioned
