-- The feeds that each market lives on, and when they are expected: an account opened later, or closed, is not missing
-- outside its life. Of several accounts one open end is an open end.
with used as (

    select
        market,
        source,
        'media' as role
    from {{ ref('int_media__daily_converted') }}
    union distinct
    select
        market,
        source,
        'outcome' as role
    from {{ ref('int_outcomes__daily_converted') }}
    union distinct
    select
        market,
        source,
        'control' as role
    from {{ ref('int_controls__daily_spread') }}

),

feeds as (

    select * from {{ ref('feeds') }}

),

markets as (

    select * from {{ ref('markets') }}

),

lives as (

    select
        source,
        market,
        case when count(active_from) = count(*) then min(active_from) end as active_from,
        case when count(active_to) = count(*) then max(active_to) end as active_to
    from {{ ref('map_accounts') }}
    group by source, market

)

select
    used.market,
    used.source,
    used.role,
    feeds.clock,
    feeds.warn_days,
    feeds.lookback_days,
    coalesce(markets.timezone, 'UTC') as market_timezone,
    lives.active_from,
    lives.active_to
from used
inner join feeds on used.source = feeds.source
left join markets on used.market = markets.market
left join lives on used.source = lives.source and used.market = lives.market
