-- Money without a rate would silently become nothing. A row is a day and currency of spend without one.
{{ config(severity='error') }}

select
    source,
    date_day,
    currency,
    source || ': no rate from ' || coalesce(currency, 'an unknown currency') || ' to {{ var("reporting_currency") }}'
    || ' on ' || date_day || ' for ' || round(cast(sum(spend_local) as numeric), 2) || ' of spend. '
    || case
        when currency is null then 'Deliver the account''s currency, or map the account in dbt/seeds/map_accounts.csv.'
        else 'Deliver the rate of that day to landing/fx/rates.'
    end as message
from {{ ref('int_media__daily_converted') }}
where fx_rate is null
group by source, date_day, currency
