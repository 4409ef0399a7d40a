-- A feed that stopped is found before anybody wonders about a week without spend. A row is a week of a feed with days
-- whose time has passed.
{{ config(severity='warn') }}

select
    source,
    market,
    week_start,
    source || ' in market ' || market || ', week of ' || week_start || ': ' || days_late || ' of ' || days_expected
    || ' days are late (missing: ' || missing_days || '). Deliver them to landing/' || source
    || ', or give the account active_from or active_to in dbt/seeds/map_accounts.csv if it did not run then.'
        as message
from {{ ref('fct_source_coverage') }}
where days_late > 0
