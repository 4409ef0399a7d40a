{{ config(enabled=is_on('competitors'), materialized='view') }}

-- A panel lists who spends: a competitor without a row on a day spent nothing, a day without any row is unknown. So is
-- one that not all of its money can be converted on: a month that still runs is told before its last rates.
select
    market,
    date_day,
    'competitor_spend' as control,
    sum(spend) as value
from {{ ref('int_competitors__spend_daily') }}
group by market, date_day
having count(*) = count(spend)
