{{ config(enabled=is_on('impact')) }}

select
    id as action_id,
    campaign_id as account_id,
    coalesce(media_partner_id, 'unknown') as partner_id,
    media_partner_name as partner_name,
    event_date as happened_at_utc,
    cast(event_date as date) as day_utc,
    upper(currency) as currency,
    lower(state) as state,
    -- The client cost holds the payout: the two are never added up.
    case when state = 'REVERSED' then 0 else coalesce(client_cost, payout) end as cost_local,
    _loaded_at
from {{ source('impact', 'actions') }}
