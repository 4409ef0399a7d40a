{%- set money = "'" ~ var('reporting_currency') ~ "'" -%}

with ready_weeks as (

    select
        week_start,
        market
    from {{ ref('dim_week') }}
    where is_model_ready

),

media as (

    select * from {{ ref('fct_media_weekly') }}
    where is_complete

),

observations as (

    select * from {{ ref('int_observations__converted') }}

),

outcomes as (

    select
        week_start,
        market,
        'outcome' as role,
        outcome as name,
        value,
        case when outcome in ({{ count_outcomes() }}) then 'count' else {{ money }} end as unit
    from {{ ref('fct_outcomes_weekly') }}
    where is_complete

),

spend as (

    select
        week_start,
        market,
        'spend' as role,
        channel as name,
        spend as value,
        {{ money }} as unit
    from media

),

-- What people saw, where the platform tells it. Never the spend again: that would count one effect twice.
exposure as (

    select
        week_start,
        market,
        'exposure' as role,
        channel || '_impressions' as name,
        impressions as value,
        'impressions' as unit
    from media
    where impressions is not null
    union all
    select
        week_start,
        market,
        'exposure' as role,
        channel || '_grps' as name,
        grps as value,
        'grps' as unit
    from media
    where grps is not null
    union all
    select
        week_start,
        market,
        'exposure' as role,
        name,
        value,
        'as delivered' as unit
    from observations
    where role = 'exposure'

),

controls as (

    select
        facts.week_start,
        facts.market,
        'control' as role,
        facts.control as name,
        facts.value,
        coalesce(definitions.unit, 'as delivered') as unit
    from {{ ref('fct_controls_weekly') }} as facts
    left join {{ ref('control_definitions') }} as definitions on facts.control = definitions.control
    where facts.is_complete

),

waves as (

    select * from {{ ref('fct_brand_weekly') }}

),

-- A share without its sample is a figure without its error.
brand as (

    select
        wave_week as week_start,
        market,
        'brand' as role,
        metric as name,
        value,
        'share' as unit
    from waves
    union all
    select
        wave_week as week_start,
        market,
        'brand' as role,
        metric || '_sample_size' as name,
        sample_size as value,
        'interviews' as unit
    from waves

),

unioned as (

    select * from outcomes
    union all
    select * from spend
    union all
    select * from exposure
    union all
    select * from controls
    union all
    select * from brand

)

select
    unioned.week_start,
    cast(unioned.market as varchar) as market,
    cast(unioned.role as varchar) as role,
    cast(unioned.name as varchar) as name,
    cast(unioned.value as double precision) as value,
    cast(unioned.unit as varchar) as unit
from unioned
inner join ready_weeks on unioned.market = ready_weeks.market and unioned.week_start = ready_weeks.week_start
