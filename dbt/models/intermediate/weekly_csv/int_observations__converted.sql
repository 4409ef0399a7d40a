-- A weekly file has no days, so its money is converted by the mean rate of its week.
with observations as (

    select * from {{ ref('stg_weekly_csv__observations') }}

),

rates as (

    select
        currency,
        {{ week_start('date_day') }} as week_start,
        avg(rate) as rate
    from {{ ref('stg_fx__rates') }}
    where reporting_currency = '{{ var("reporting_currency") }}'
    group by 1, 2

),

rated as (

    select
        observations.*,
        -- A file names one currency for all its money; exposures, controls and counts are none and stay as they are.
        case
            when observations.role in ('exposure', 'control') then 1.0
            when observations.role = 'outcome' and observations.name in ({{ count_outcomes() }}) then 1.0
            else {{ rate_to_reporting('observations.currency', 'rates.rate') }}
        end as fx_rate
    from observations
    left join rates on observations.currency = rates.currency and observations.week_start = rates.week_start

)

select
    dataset,
    week_start,
    market,
    role,
    name,
    currency,
    fx_rate,
    value_local,
    value_local * fx_rate as value
from rated
