{{ config(enabled=is_on('offline')) }}

-- Planned against actual, flight by flight. Spend is that of fct_media_weekly, where flights of a channel are added up.
with days as (

    select * from {{ ref('int_offline__flight_days') }}

),

campaigns as (

    select distinct
        'offline' as source,
        'agency sheet' as account_id,
        flight_id as campaign_id,
        channel_label as campaign_name,
        'flight' as campaign_type
    from days

),

rules as (

    select * from {{ ref('map_campaigns') }}

),

matches as (

    {{ channels_by_rule('campaigns', 'rules') }}

),

rates as (

    select * from {{ ref('stg_fx__rates') }}
    where reporting_currency = '{{ var("reporting_currency") }}'

),

newest_rates as (

    {{ latest_version('rates', key=['currency'], newest_first=['date_day desc']) }}

),

-- A plan is no money spent: days that have no rate yet are told at the newest one.
converted as (

    select
        days.*,
        coalesce(matches.channel, 'unmapped') as channel,
        {{ week_start('days.date_day') }} as week_start,
        case when not days.is_plan then days.cost_local * {{ rate_to_reporting('days.currency', 'rates.rate') }} end
            as spend,
        case
            when days.is_plan
                then
                    days.cost_local
                    * {{ rate_to_reporting('days.currency', 'coalesce(rates.rate, newest_rates.rate)') }}
        end as planned_spend
    from days
    left join matches on days.flight_id = matches.campaign_id
    left join rates on days.currency = rates.currency and days.date_day = rates.date_day
    left join newest_rates on days.currency = newest_rates.currency

)

select
    week_start,
    cast(flight_id as varchar) as flight_id,
    cast(market as varchar) as market,
    cast(channel as varchar) as channel,
    cast(vendor as varchar) as vendor,
    cast(status as varchar) as status,
    is_open,
    cast(sum(planned_spend) as double precision) as planned_spend,
    cast(sum(spend) as double precision) as spend,
    cast(sum(case when is_plan then grps end) as double precision) as planned_grps,
    cast(sum(case when not is_plan then grps end) as double precision) as grps,
    cast(sum(case when is_plan then impressions end) as double precision) as planned_impressions,
    cast(sum(case when not is_plan then impressions end) as double precision) as impressions,
    cast(sum(case when is_plan then spots end) as double precision) as planned_spots,
    cast(sum(case when not is_plan then spots end) as double precision) as spots
from converted
group by 1, 2, 3, 4, 5, 6, 7
