-- Every spend figure of a weekly file reaches the mart once. A row is a channel where money was lost or doubled.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'fct_media_weekly'}}}) }}

with delivered as (

    select
        market,
        name as channel,
        sum(value) as spend
    from {{ ref('int_observations__converted') }}
    where role = 'spend'
    group by market, name

),

raw_total as (

    select coalesce(sum(value), 0) as spend
    from {{ source('weekly_csv', 'observations') }}
    where role = 'spend'

),

converted_total as (

    select coalesce(sum(value_local), 0) as spend
    from {{ ref('int_observations__converted') }}
    where role = 'spend'

),

connectors as (

    select
        market,
        channel,
        sum(spend) as spend
    from {{ ref('int_media__daily_converted') }}
    group by market, channel

),

marts as (

    select
        market,
        channel,
        sum(spend) as spend
    from {{ ref('fct_media_weekly') }}
    group by market, channel

),

steps as (

    select
        'raw_weekly_csv to int_observations__converted, file currencies added up' as step,
        raw_total.spend as spend_in,
        converted_total.spend as spend_out
    from raw_total
    cross join converted_total
    union all
    select
        'int_observations__converted to fct_media_weekly, ' || delivered.market || ' ' || delivered.channel as step,
        delivered.spend + coalesce(connectors.spend, 0) as spend_in,
        coalesce(marts.spend, 0) as spend_out
    from delivered
    left join connectors on delivered.market = connectors.market and delivered.channel = connectors.channel
    left join marts on delivered.market = marts.market and delivered.channel = marts.channel

)

select
    step,
    spend_in,
    spend_out,
    'weekly_csv: ' || step || ': ' || round(cast(spend_in as numeric), 2) || ' went in and '
    || round(cast(spend_out as numeric), 2) || ' came out. A join drops or repeats rows: compare both tables by week.'
        as message
from steps
where abs(spend_in - spend_out) >= 0.005
