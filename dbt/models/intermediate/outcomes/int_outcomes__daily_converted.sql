-- Money is converted by the rate of each day before any sum; a count is no money.
with outcomes as (

    select * from {{ ref('int_outcomes__daily_unioned') }}

),

rates as (

    select * from {{ ref('stg_fx__rates') }}
    where reporting_currency = '{{ var("reporting_currency") }}'

),

rated as (

    select
        outcomes.*,
        case
            when outcomes.outcome in ({{ count_outcomes() }}) then 1.0
            else {{ rate_to_reporting('outcomes.currency', 'rates.rate') }}
        end as fx_rate
    from outcomes
    left join rates on outcomes.currency = rates.currency and outcomes.date_day = rates.date_day

)

select
    source,
    market,
    date_day,
    {{ week_start('date_day') }} as week_start,
    outcome,
    currency,
    fx_rate,
    value_local,
    value_local * fx_rate as value
from rated
