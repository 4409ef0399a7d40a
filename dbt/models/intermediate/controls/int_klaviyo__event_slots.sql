{{ config(
    enabled=is_on('klaviyo'),
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='day_utc',
) }}

-- Events by quarter of an hour: fine enough for the local day of every time zone. What a metric, a campaign or a flow
-- is called may change or come late, and is looked up later: only new events can change this table.
with events as not materialized (

    select * from {{ ref('stg_klaviyo__events') }}

),

days as (

    {{ days_to_sum('events', ref('stg_klaviyo__superseded_events')) }}

)

select
    days.day_utc,
    {{ quarter_hour('events.happened_at_utc') }} as quarter_hour_utc,
    events.account_id,
    events.metric_id,
    events.event_type,
    events.sent_by,
    events.sender_id,
    cast(coalesce(sum(case when events.counts then 1 else 0 end), 0) as bigint) as events,
    -- A day that lost its last event keeps a row without one: dbt replaces the days that it is given.
    coalesce(max(events._loaded_at), {{ last_load_seen() if is_incremental() else 'null' }}) as _loaded_at,
    {{ made_by() }} as _made_by
from days
left join events on days.day_utc = events.day_utc
group by
    days.day_utc, quarter_hour_utc, events.account_id, events.metric_id, events.event_type, events.sent_by,
    events.sender_id
