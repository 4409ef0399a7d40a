-- How many days of each week a feed has told us about, for each market that uses the feed. Without a row the week is
-- "not delivered"; with seven days and no spend it is "no spend".
with weeks as (

    select * from {{ ref('int_weeks__spanned') }}

),

feeds as (

    select * from {{ ref('int_feeds__used') }}

),

covered as (

    select * from {{ ref('int_feed_days__covered') }}

),

first_covered as (

    select
        source,
        min(date_day) as first_day
    from covered
    group by source

),

open_days as (

    select * from {{ ref('int_feed_days__open') }}

),

days as (

    select
        weeks.market,
        weeks.week_start,
        feeds.source,
        feeds.clock,
        feeds.warn_days,
        feeds.market_timezone,
        feeds.active_from,
        feeds.active_to,
        {{ each_day('weeks.week_start', "weeks.week_start + interval '6 days'") }} as date_day
    from weeks
    inner join feeds on weeks.market = feeds.market

),

-- A local day lies in one or two UTC days: where it starts, its noon, and where it ends.
utc as (

    select
        *,
        {{ utc_date_at('date_day', 0, 'market_timezone', 'clock') }} as starts_on,
        {{ utc_date_at('date_day', 12, 'market_timezone', 'clock') }} as noon_on,
        {{ utc_date_at('date_day', 23, 'market_timezone', 'clock') }} as ends_on
    from days

),

-- How far the feeds have come: a day is late when others were delivered after it. By the wall's clock the same data
-- would give other tables each day. Controls do not count, because sheets of holidays reach into the future.
reach as (

    select max(covered.date_day) as reached_day
    from covered
    inner join feeds on covered.source = feeds.source
    where feeds.role <> 'control'

),

flagged as (

    select
        utc.market,
        utc.source,
        utc.week_start,
        utc.date_day,
        utc.date_day + utc.warn_days < reach.reached_day as is_due,
        utc.date_day between coalesce(utc.active_from, utc.date_day) and coalesce(utc.active_to, utc.date_day)
            as is_expected,
        case
            when utc.date_day < utc.active_from or utc.date_day > utc.active_to then true
            when open_days.date_day is not null then false
            when utc.clock = 'register' then true
            else
                at_noon.date_day is not null
                and at_end.date_day is not null
                -- A feed's very first file starts in one zone only: the hours before it were never exported.
                and (at_start.date_day is not null or utc.starts_on < first_covered.first_day)
        end as is_observed
    from utc
    cross join reach
    left join first_covered on utc.source = first_covered.source
    left join covered as at_start on utc.source = at_start.source and utc.starts_on = at_start.date_day
    left join covered as at_noon on utc.source = at_noon.source and utc.noon_on = at_noon.date_day
    left join covered as at_end on utc.source = at_end.source and utc.ends_on = at_end.date_day
    left join open_days
        on
            utc.source = open_days.source
            and utc.market = open_days.market
            and utc.date_day = open_days.date_day

)

select
    market,
    source,
    week_start,
    cast(sum(case when is_observed then 1 else 0 end) as integer) as days_observed,
    cast(sum(case when is_expected then 1 else 0 end) as integer) as days_expected,
    cast(sum(case when is_due and not is_observed then 1 else 0 end) as integer) as days_late,
    string_agg(case when not is_observed then cast(date_day as varchar) end, ', ' order by date_day) as missing_days
from flagged
group by market, source, week_start
