{{ config(
    enabled=is_on('impact'),
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='day_utc',
) }}

-- Actions by quarter of an hour: fine enough for the local day of every time zone. Nothing here depends on a seed or a
-- rate, so that only new loads can change it. A state that changes months later changes the day of the sale.
with actions as not materialized (

    select * from {{ ref('stg_impact__actions') }}

),

days as (

    {{ days_to_sum('actions', ref('stg_impact__superseded_actions')) }}

)

select
    days.day_utc,
    {{ quarter_hour('actions.happened_at_utc') }} as quarter_hour_utc,
    actions.account_id,
    actions.partner_id,
    actions.currency as account_currency,
    'UTC' as report_timezone,
    max(actions.partner_name) as partner_name,
    coalesce(sum(actions.cost_local), 0) as spend_local,
    coalesce(sum(case when actions.state = 'pending' then actions.cost_local end), 0) as provisional_local,
    cast(sum(case when actions.state in ('pending', 'approved') then 1 else 0 end) as bigint) as platform_conversions,
    -- A day that lost its last action keeps a row without one: dbt replaces the days that it is given.
    coalesce(max(actions._loaded_at), {{ last_load_seen() if is_incremental() else 'null' }}) as _loaded_at,
    {{ made_by() }} as _made_by
from days
left join actions on days.day_utc = actions.day_utc
group by days.day_utc, quarter_hour_utc, actions.account_id, actions.partner_id, actions.currency
