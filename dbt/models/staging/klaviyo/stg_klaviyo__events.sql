{{ config(enabled=is_on('klaviyo')) }}

select
    id as event_id,
    coalesce(account_id, 'unknown') as account_id,
    datetime as happened_at_utc,
    cast(datetime as date) as day_utc,
    metric_id,
    type as event_type,
    case
        when flow_id is not null then 'flow'
        when campaign_id is not null then 'campaign'
        else 'unknown'
    end as sent_by,
    coalesce(flow_id, campaign_id) as sender_id,
    not coalesce(_fivetran_deleted, false) as counts,
    _loaded_at
from {{ source('klaviyo', 'event') }}
