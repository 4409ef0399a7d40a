{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

-- What each weekly figure said after each load, a row only where it changed: the memory of the marts, never made anew.
with media as (

    select
        source,
        market,
        week_start,
        'spend' as role,
        channel as name,
        sum(spend) as value
    from {{ ref('int_media__daily_converted') }}
    group by source, market, week_start, channel

),

outcomes as (

    select
        source,
        market,
        week_start,
        'outcome' as role,
        outcome as name,
        sum(value) as value
    from {{ ref('int_outcomes__daily_converted') }}
    group by source, market, week_start, outcome

),

controls as (

    select
        source,
        market,
        week_start,
        'control' as role,
        control as name,
        avg(value) as value
    from {{ ref('int_controls__daily_spread') }}
    group by source, market, week_start, control

),

observations as (

    select
        'weekly_csv' as source,
        market,
        week_start,
        role,
        name,
        sum(value) as value
    from {{ ref('int_observations__converted') }}
    group by market, week_start, role, name

),

figures as (

    select * from media
    union all
    select * from outcomes
    union all
    select * from controls
    union all
    select * from observations

),

{% if is_incremental() -%}
ranked as (

    select
        *,
        row_number() over (
            partition by source, market, week_start, role, name
            order by vintage_at desc, recorded_at desc
        ) as newest_first
    from {{ this }}

),

known as (

    select * from ranked
    where newest_first = 1

),

{% else -%}
known as (

    select
        source,
        market,
        week_start,
        role,
        name,
        value
    from figures
    where false

),

{% endif -%}
compared as (

    select
        coalesce(figures.source, known.source) as source,
        coalesce(figures.market, known.market) as market,
        coalesce(figures.week_start, known.week_start) as week_start,
        coalesce(figures.role, known.role) as role,
        coalesce(figures.name, known.name) as name,
        figures.value,
        known.value as previous_value
    from figures
    full join known
        on
            figures.source = known.source
            and figures.market = known.market
            and figures.week_start = known.week_start
            and figures.role = known.role
            and figures.name = known.name

),

loads as (

    select max(loaded_at) as vintage_at
    from {{ ref('stg_raw_meta__loads') }}

)

select
    cast(coalesce(loads.vintage_at, timestamp '1970-01-01') as timestamp) as vintage_at,
    cast(current_timestamp as timestamp) as recorded_at,
    cast(compared.source as varchar) as source,
    cast(compared.market as varchar) as market,
    cast(compared.week_start as date) as week_start,
    cast(compared.role as varchar) as role,
    cast(compared.name as varchar) as name,
    cast(compared.value as double precision) as value,
    cast(compared.previous_value as double precision) as previous_value,
    cast(coalesce(compared.value, 0) - coalesce(compared.previous_value, 0) as double precision) as change
from compared
cross join loads
-- The same figures added up in another order differ in their last bits; that is no change.
where
    (compared.value is null) <> (compared.previous_value is null)
    or abs(compared.value - compared.previous_value)
    > 1e-9 * greatest(abs(compared.value), abs(compared.previous_value))
