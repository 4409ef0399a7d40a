-- A row is a day and currency of orders without a rate.
{{ config(severity='error') }}

select
    date_day,
    currency,
    'shopify: no rate from ' || currency || ' to {{ var("reporting_currency") }} on ' || date_day || ' for '
    || count(*) || ' orders. Deliver the rate of that day to landing/fx/rates.' as message
from {{ ref('int_orders__converted') }}
where fx_rate is null
group by date_day, currency
