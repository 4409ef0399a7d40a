with accounts as (

    select * from {{ ref('int_accounts__unioned') }}

),

seeded as (

    select
        source,
        cast(account_id as varchar) as account_id,
        market
    from {{ ref('map_accounts') }}

),

markets as (

    select * from {{ ref('markets') }}

),

-- A currency points to a market only where no other market uses it.
market_of_currency as (

    select
        currency,
        min(market) as market
    from markets
    group by currency
    having count(*) = 1

),

-- An account can be in the seed before its first history row arrives, and the other way round.
known as (

    select
        source,
        account_id
    from accounts
    union distinct
    select
        source,
        account_id
    from seeded

),

located as (

    select
        known.source,
        known.account_id,
        accounts.account_currency,
        accounts.report_timezone,
        coalesce(seeded.market, market_of_currency.market) as market,
        case
            when seeded.market is not null then 'account map'
            when market_of_currency.market is not null then 'account currency'
            else 'not located'
        end as located_by
    from known
    left join accounts on known.source = accounts.source and known.account_id = accounts.account_id
    left join seeded on known.source = seeded.source and known.account_id = seeded.account_id
    left join market_of_currency on accounts.account_currency = market_of_currency.currency

)

select
    located.source,
    located.account_id,
    located.market,
    located.located_by,
    located.report_timezone,
    -- Facebook's account export carries no currency in older versions: the market's own is the next best.
    coalesce(located.account_currency, markets.currency) as currency,
    markets.timezone as market_timezone
from located
left join markets on located.market = markets.market
