-- Complete weeks wait for controls that are not published yet. A row is a market that waits.
{{ config(severity='warn') }}

with waiting as (

    select
        market,
        max(week_start) as last_complete_week,
        max(case when is_model_ready then week_start end) as last_ready_week
    from {{ ref('dim_week') }}
    where is_complete
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
    'Market ' || waiting.market || ' is complete to the week of ' || waiting.last_complete_week || ' but control '
    || reach.control || ' ends with the week of ' || reach.last_week
    || ': later weeks train no model. Deliver it, or take it out of dbt/seeds/control_definitions.csv.' as message
from waiting
inner join reach on waiting.market = reach.market
where reach.last_week < waiting.last_complete_week
