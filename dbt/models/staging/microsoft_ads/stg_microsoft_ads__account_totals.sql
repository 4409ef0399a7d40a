{{ config(enabled=is_on('microsoft_ads')) }}

select
    account_id,
    date as date_day,
    sum(spend) as spend_local
from {{ source('microsoft_ads', 'geographic_performance_daily_report') }}
group by account_id, date
