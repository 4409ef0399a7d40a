-- Money outcomes are the same before weeks are made and after. A row is a market and outcome that differs.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'fct_outcomes_weekly'}}}) }}

with fed as (

    select
        market,
        outcome,
        sum(value) as value
    from {{ ref('int_outcomes__daily_converted') }}
    group by market, outcome
    union all
    select
        market,
        name as outcome,
        sum(value) as value
    from {{ ref('int_observations__converted') }}
    where role = 'outcome'
    group by market, name

),

outcomes as (

    select
        market,
        outcome,
        sum(value) as value
    from fed
    group by market, outcome

),

marts as (

    select
        market,
        outcome,
        sum(value) as value
    from {{ ref('fct_outcomes_weekly') }}
    group by market, outcome

)

select
    outcomes.market,
    outcomes.outcome,
    outcomes.value as value_in,
    marts.value as value_out,
    outcomes.market || ' ' || outcomes.outcome || ': ' || round(cast(outcomes.value as numeric), 2)
    || ' went into fct_outcomes_weekly and ' || round(cast(coalesce(marts.value, 0) as numeric), 2)
    || ' stand there. Compare it with int_outcomes__daily_converted by day.' as message
from outcomes
left join marts on outcomes.market = marts.market and outcomes.outcome = marts.outcome
where abs(outcomes.value - coalesce(marts.value, 0)) >= 0.005
