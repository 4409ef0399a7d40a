{{ config(enabled=is_on('facebook_ads')) }}

select
    account_id,
    date as date_day,
    sum(spend) as spend_local
from {{ source('facebook_ads', 'demographics_country') }}
group by account_id, date
