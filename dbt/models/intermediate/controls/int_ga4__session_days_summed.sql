{{ config(
    enabled=is_on('ga4'),
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='date_day',
) }}
{%- set names_any = 'traffic_source is not null or traffic_medium is not null' %}

with events as not materialized (

    select * from {{ ref('stg_ga4__events') }}

),

{% if is_incremental() -%}
touched_days as (

    select date_day
    from events
    where _loaded_at > {{ last_load_seen() }}
    union distinct
    -- Whether a session ran the day before decides whether it begins on this one.
    select date_day + 1 as date_day
    from events
    where _loaded_at > {{ last_load_seen() }}

),

looked_at as (

    select * from events
    where
        date_day in (select touched_days.date_day from touched_days)
        or date_day + 1 in (select touched_days.date_day from touched_days)

),

{% endif -%}
-- As soon as the whole day's table of a stream is there, it holds what came in while the day ran.
day_tables as (

    select distinct
        stream_id,
        date_day
    from {{ 'looked_at' if is_incremental() else 'events' }}
    where not is_intraday

),

kept as (

    select
        events.*,
        not events.is_intraday or day_tables.date_day is null as is_kept
    from {{ 'looked_at' if is_incremental() else 'events' }} as events
    left join day_tables on events.stream_id = day_tables.stream_id and events.date_day = day_tables.date_day

),

-- A session is what its first event of the day that names anything says it is. Its events count once, however often a
-- rewritten day brings them.
session_days as (

    select
        session_key,
        date_day,
        lag(date_day) over (partition by session_key order by date_day) as day_before,
        {{ value_at_first('country_name', 'event_at_utc', 'event_id', 'true') }} as country_name,
        coalesce(
            {{ value_at_first('traffic_source', 'event_at_utc', 'event_id', names_any) }}, '(direct)'
        ) as traffic_source,
        coalesce(
            {{ value_at_first('traffic_medium', 'event_at_utc', 'event_id', names_any) }}, '(none)'
        ) as traffic_medium,
        {{ value_at_first('traffic_campaign', 'event_at_utc', 'event_id', names_any) }} as traffic_campaign,
        max(case when is_engaged then 1 else 0 end) as engaged
    from kept
    where is_kept and session_key is not null
    group by session_key, date_day

),

days as (

    select
        date_day,
        max(case when is_kept and is_intraday then 1 else 0 end) = 0 as is_whole,
        max(_loaded_at) as _loaded_at
    from kept
    {% if is_incremental() -%}
    where date_day in (select touched_days.date_day from touched_days)
    {%- endif %}
    group by date_day

),

sessions as (

    select
        date_day,
        country_name,
        traffic_source,
        traffic_medium,
        traffic_campaign,
        count(*) as sessions,
        cast(sum(engaged) as bigint) as engaged_sessions
    from session_days
    -- One that runs past midnight is a session of the day it began on.
    where day_before is null or day_before < date_day - 1
    group by date_day, country_name, traffic_source, traffic_medium, traffic_campaign
    union all
    -- Each day has a row of its own: a day without a session is one, too, and a day that lost its last loses its rows.
    select
        date_day,
        null as country_name,
        null as traffic_source,
        null as traffic_medium,
        null as traffic_campaign,
        0 as sessions,
        0 as engaged_sessions
    from days

)

select
    sessions.date_day,
    days.is_whole,
    sessions.country_name,
    sessions.traffic_source,
    sessions.traffic_medium,
    sessions.traffic_campaign,
    sessions.sessions,
    sessions.engaged_sessions,
    days._loaded_at,
    {{ made_by() }} as _made_by
from sessions
inner join days on sessions.date_day = days.date_day
