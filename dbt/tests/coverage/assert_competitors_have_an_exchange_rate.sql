-- Money without a rate is left out with its whole day. A row is a day and currency of competitors' spend without one,
-- among the days that rates have reached.
{{ config(
    severity='error',
    enabled=is_on('competitors'),
    meta={'dagster': {'ref': {'name': 'int_competitors__spend_daily'}}},
) }}

with reached as (

    select
        currency,
        max(date_day) as last_day
    from {{ ref('stg_fx__rates') }}
    where reporting_currency = '{{ var("reporting_currency") }}'
    group by currency

)

select
    spend.date_day,
    spend.currency,
    'competitors: no rate from ' || spend.currency || ' to {{ var("reporting_currency") }} on ' || spend.date_day
    || ' for ' || round(cast(sum(spend.spend_local) as numeric), 2) || ' of spend. Deliver the rate of that day to '
    || 'landing/fx/rates.' as message
from {{ ref('int_competitors__spend_daily') }} as spend
left join reached on spend.currency = reached.currency
where spend.fx_rate is null and spend.date_day <= coalesce(reached.last_day, spend.date_day)
group by spend.date_day, spend.currency
