-- A model ends with the last week that each of its controls reaches. A row is a control that is behind.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_controls_weekly'}}}) }}

with waiting as (

    select
        market,
        max(week_start) as last_week
    from {{ ref('dim_week') }}
    where is_model_ready
    group by market

),

reach as (

    select
        market,
        control,
        max(case when is_complete then week_start end) as last_week
    from {{ ref('fct_controls_weekly') }}
    group by market, control

)

select
    waiting.market,
    reach.control,
    'Market ' || waiting.market || ' is ready to the week of ' || waiting.last_week || ' but control ' || reach.control
    || ' ends with the week of ' || coalesce(cast(reach.last_week as varchar), 'never')
    || ': models that use it end there. Deliver it, or take it out of those models.' as message
from waiting
inner join reach on waiting.market = reach.market
where coalesce(reach.last_week, date '1900-01-01') < waiting.last_week
