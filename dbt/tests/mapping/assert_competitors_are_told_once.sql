-- A month beside its own weeks is spent twice. A row is a competitor's channel with periods that overlap.
{{ config(
    severity='error',
    enabled=is_on('competitors'),
    meta={'dagster': {'ref': {'name': 'int_competitors__spend_daily'}}},
) }}

with days as (

    select
        market,
        competitor,
        channel,
        date_day
    from {{ ref('int_competitors__spend_daily') }}
    group by market, competitor, channel, date_day
    having count(*) > 1

)

select
    market,
    competitor,
    channel,
    'competitors: spend of ' || competitor || ' on ' || channel || ' in market ' || market || ' is told more than once '
    || 'for ' || count(*) || ' days from ' || min(date_day) || ': periods overlap. Deliver each day in one period.'
        as message
from days
group by market, competitor, channel
