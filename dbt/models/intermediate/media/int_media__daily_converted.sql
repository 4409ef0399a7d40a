-- Converted by the rate of each day before any sum: a week's total at one rate is another figure.
with media as (

    select * from {{ ref('int_media__daily_mapped') }}

),

rates as (

    select * from {{ ref('stg_fx__rates') }}
    where reporting_currency = '{{ var("reporting_currency") }}'

),

rated as (

    select
        media.*,
        {{ rate_to_reporting('media.currency', 'rates.rate') }} as fx_rate
    from media
    left join rates on media.currency = rates.currency and media.date_day = rates.date_day

)

select
    source,
    account_id,
    campaign_id,
    campaign_name,
    market,
    channel,
    currency,
    date_day,
    {{ week_start('date_day') }} as week_start,
    fx_rate,
    spend_local,
    spend_local * fx_rate as spend,
    impressions,
    clicks,
    platform_conversions,
    grps,
    provisional_local * fx_rate as provisional_spend
from rated
