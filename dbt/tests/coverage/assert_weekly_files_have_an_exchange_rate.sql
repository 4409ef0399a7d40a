-- A row is a week and currency of a weekly file without any rate in that week.
{{ config(severity='error') }}

select
    dataset,
    week_start,
    currency,
    'weekly_csv ' || dataset || ': no rate from ' || currency || ' to {{ var("reporting_currency") }} in the week of '
    || week_start || '. Deliver rates of that week to landing/fx/rates, or build with '
    || '--vars "reporting_currency: ' || currency || '".' as message
from {{ ref('int_observations__converted') }}
where fx_rate is null
group by dataset, week_start, currency
