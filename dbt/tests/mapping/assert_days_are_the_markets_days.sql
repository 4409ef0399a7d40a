-- Daily exports cannot be shifted afterwards: an account that counts days by another clock puts evenings on the wrong
-- day, and Sunday evenings in the wrong week. A row is such an account.
{{ config(severity='warn') }}

select
    source,
    account_id,
    source || ' account ' || account_id || ' counts days in ' || report_timezone || ', '
    || coalesce(
        'up to ' || round(cast(hours_off as numeric), 1) || ' hours off market ' || market || ' in ' || market_timezone,
        'which is no time zone that is known; market ' || market || ' lives in ' || market_timezone
    )
    || '. Change the zone in the account, or the market''s in dbt/seeds/markets.csv; dim_account keeps both.' as message
from {{ ref('dim_account') }}
where counts_other_days
