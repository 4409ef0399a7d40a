{{ config(enabled=is_on('ga4'), materialized='view') }}

-- Visits of the markets by the channel group that Google would give them. Other countries are nobody's market. A day
-- that is still running is left out.
with sessions as (

    select
        *,
        {{ default_channel_group('traffic_source', 'traffic_medium', 'traffic_campaign') }} as channel_group
    from {{ ref('int_ga4__session_days_summed') }}
    where is_whole and sessions > 0

),

country_names as (

    select * from {{ ref('country_names') }}

),

markets as (

    select * from {{ ref('markets') }}

)

select
    markets.market,
    sessions.date_day,
    sessions.channel_group,
    sum(sessions.sessions) as sessions,
    sum(sessions.engaged_sessions) as engaged_sessions
from sessions
inner join country_names on lower(sessions.country_name) = lower(country_names.country_name)
inner join markets on country_names.country_code = markets.country_code
group by markets.market, sessions.date_day, sessions.channel_group
