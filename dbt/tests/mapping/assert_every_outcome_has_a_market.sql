-- A row is a source and currency whose outcomes belong to no market.
{{ config(severity='error') }}

select
    source,
    currency,
    source || ': ' || outcome || ' of ' || round(cast(sum(value_local) as numeric), 2) || ' in ' || currency || ' from '
    || min(date_day) || ' to ' || max(date_day) || ' belong to no market: neither a country nor a currency tells one. '
    || 'Add the country to dbt/seeds/markets.csv, or a rule for deals of a CRM to dbt/seeds/map_deals.csv.' as message
from {{ ref('int_outcomes__daily_converted') }}
where market = 'unmapped'
group by source, outcome, currency
