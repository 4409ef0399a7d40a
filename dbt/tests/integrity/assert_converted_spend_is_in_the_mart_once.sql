-- Spend in = spend out, second half: what int_media__daily_converted and weekly files hold is what fct_media_weekly
-- holds, channel by channel. A row is a channel whose money was lost or doubled on the way.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'fct_media_weekly'}}}) }}

with fed as (

    select
        market,
        channel,
        sum(spend) as spend
    from {{ ref('int_media__daily_converted') }}
    group by market, channel
    union all
    select
        market,
        name as channel,
        sum(value) as spend
    from {{ ref('int_observations__converted') }}
    where role = 'spend'
    group by market, name

),

channels as (

    select
        market,
        channel,
        sum(spend) as spend
    from fed
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

compared as (

    select
        coalesce(channels.market, marts.market) as market,
        coalesce(channels.channel, marts.channel) as channel,
        coalesce(channels.spend, 0) as spend_in,
        coalesce(marts.spend, 0) as spend_out
    from channels
    full join marts on channels.market = marts.market and channels.channel = marts.channel

)

select
    market,
    channel,
    spend_in,
    spend_out,
    market || ' ' || channel || ': ' || round(cast(spend_in as numeric), 2) || ' {{ var("reporting_currency") }} went '
    || 'into fct_media_weekly and ' || round(cast(spend_out as numeric), 2)
    || ' stand there. Compare it with int_media__daily_converted by day.' as message
from compared
where abs(spend_in - spend_out) >= 0.005
