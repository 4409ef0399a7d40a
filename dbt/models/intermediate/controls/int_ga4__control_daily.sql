{{ config(enabled=is_on('ga4')) }}

-- Visits that no advertising was paid for, as control series. Paid visits are what media do: they are no control.
with sessions as (

    select
        *,
        case
            when channel_group like 'Organic%' then 'organic'
            when channel_group in ('Direct', 'Email', 'Referral') then lower(channel_group)
        end as traffic
    from {{ ref('int_ga4__sessions_daily') }}

),

days as (

    select distinct date_day
    from {{ ref('int_ga4__session_days_summed') }}
    where is_whole

),

series as (

    select distinct
        sessions.market,
        kinds.traffic
    from sessions
    cross join (values ('organic'), ('direct'), ('email'), ('referral')) as kinds (traffic)

),

-- A day that was delivered and had no such visit is a zero.
counted as (

    select
        series.market,
        days.date_day,
        series.traffic,
        coalesce(sum(sessions.sessions), 0) as sessions,
        coalesce(sum(sessions.engaged_sessions), 0) as engaged_sessions
    from series
    cross join days
    left join sessions
        on series.market = sessions.market and series.traffic = sessions.traffic and days.date_day = sessions.date_day
    group by series.market, days.date_day, series.traffic

)

select
    market,
    date_day,
    traffic || '_sessions' as control,
    cast(sessions as double precision) as value
from counted
union all
select
    market,
    date_day,
    traffic || '_engaged_sessions' as control,
    cast(engaged_sessions as double precision) as value
from counted
