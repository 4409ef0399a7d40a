{{ config(enabled=is_on('competitors')) }}

select
    market,
    competitor,
    channel,
    case when period = 'month' then cast(date_trunc('month', date) as date) else date end as first_day,
    case period
        when 'month' then cast(date_trunc('month', date) + interval '1 month' - interval '1 day' as date)
        when 'week' then cast(date + interval '6 days' as date)
        else date
    end as last_day,
    spend as spend_local,
    upper(currency) as currency
from {{ source('competitors', 'media_spend') }}
