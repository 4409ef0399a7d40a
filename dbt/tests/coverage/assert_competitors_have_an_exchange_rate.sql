-- Money without a rate would silently become nothing. A row is a day and currency of competitors' spend without one.
{{ config(severity='error', enabled=is_on('competitors')) }}

select
    date_day,
    currency,
    'competitors: no rate from ' || currency || ' to {{ var("reporting_currency") }} on ' || date_day || ' for '
    || round(cast(sum(spend_local) as numeric), 2) || ' of spend. Deliver the rate of that day to landing/fx/rates.'
        as message
from {{ ref('int_competitors__spend_daily') }}
where fx_rate is null
group by date_day, currency
