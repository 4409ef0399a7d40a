{{ config(enabled=is_on('ga4')) }}

with events as (

    select
        *,
        collected_traffic_source_manual_source is not null
        or collected_traffic_source_manual_medium is not null as is_source_collected
    from {{ source('ga4', 'event') }}

)

select
    date as date_day,
    _fivetran_id as event_id,
    timestamp as event_at_utc,
    coalesce(is_intraday, false) as is_intraday,
    coalesce(stream_id, '(not set)') as stream_id,
    -- A hash of visitor and session. Where consent was refused there is neither, and the event is in no session.
    user_pseudo_id as session_key,
    coalesce(param_engaged_session_event, false) as is_engaged,
    coalesce(geo_country, '(not set)') as country_name,
    -- A click on a Google ad is tagged by its id; without it, such visits look like organic search.
    case
        when param_gclid is not null then 'google'
        when is_source_collected then {{ named_traffic('collected_traffic_source_manual_source') }}
        else {{ named_traffic('param_source') }}
    end as traffic_source,
    case
        when param_gclid is not null then 'cpc'
        when is_source_collected then {{ named_traffic('collected_traffic_source_manual_medium') }}
        else {{ named_traffic('param_medium') }}
    end as traffic_medium,
    param_campaign as traffic_campaign,
    _loaded_at
from events
