-- What models train on is what analysts see: spend of the weeks that are ready, channel by channel.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'mmm_input_weekly'}}}) }}

with ready as (

    select
        week_start,
        market
    from {{ ref('dim_week') }}
    where is_model_ready

),

marts as (

    select
        media.market,
        media.channel,
        sum(media.spend) as spend
    from {{ ref('fct_media_weekly') }} as media
    inner join ready on media.market = ready.market and media.week_start = ready.week_start
    group by media.market, media.channel

),

model_input as (

    select
        market,
        name as channel,
        sum(value) as spend
    from {{ ref('mmm_input_weekly') }}
    where role = 'spend'
    group by market, name

)

select
    marts.market,
    marts.channel,
    'mmm_input_weekly holds ' || round(cast(coalesce(model_input.spend, 0) as numeric), 2) || ' of ' || marts.market
    || ' ' || marts.channel || ' and fct_media_weekly holds ' || round(cast(marts.spend as numeric), 2)
    || ' in the same weeks. Compare both tables by week.' as message
from marts
left join model_input on marts.market = model_input.market and marts.channel = model_input.channel
where abs(marts.spend - coalesce(model_input.spend, 0)) >= 0.005
