{{ config(enabled=is_on('google_ads')) }}

select
    customer_id as account_id,
    date as date_day,
    {{ micros_to_money('sum(cost_micros)') }} as spend_local
from {{ source('google_ads', 'account_stats') }}
group by customer_id, date
