-- A row is a day and currency of an outcome in money without a rate.
{{ config(severity='error') }}

select
    source,
    date_day,
    currency,
    source || ': no rate from ' || coalesce(currency, 'an unknown currency') || ' to {{ var("reporting_currency") }}'
    || ' on ' || date_day || ' for ' || round(cast(sum(value_local) as numeric), 2) || ' of ' || outcome
    || '. ' || case
        when currency = 'unknown' then 'Say the currency of its deals in the var crm_currencies of dbt/dbt_project.yml.'
        else 'Deliver the rate of that day to landing/fx/rates.'
    end as message
from {{ ref('int_outcomes__daily_converted') }}
where fx_rate is null
group by source, date_day, currency, outcome
