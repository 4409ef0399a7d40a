{{ config(enabled=is_on('shopify')) }}

with slots as (

    select * from {{ ref('int_shopify__order_slots') }}
    where orders > 0

),

first_orders as (

    select
        *,
        {{ quarter_hour('first_ordered_at_utc') }} as quarter_hour_utc
    from {{ ref('int_shopify__first_orders') }}
    where first_ordered_at_utc is not null

),

markets as (

    select * from {{ ref('markets') }}

),

market_of_currency as (

    select
        currency,
        min(market) as market
    from markets
    group by currency
    having count(*) = 1

),

counted as (

    select
        quarter_hour_utc,
        currency,
        shipping_country_code,
        'revenue' as outcome,
        total_price_local - refund_local {{ '' if var('gift_cards_are_revenue') else '- gift_card_local' }}
            as value_local
    from slots
    union all
    select
        quarter_hour_utc,
        currency,
        shipping_country_code,
        'orders' as outcome,
        orders as value_local
    from slots
    union all
    select
        quarter_hour_utc,
        currency,
        shipping_country_code,
        'new_customers' as outcome,
        count(*) as value_local
    from first_orders
    group by quarter_hour_utc, currency, shipping_country_code

),

-- Where the goods go tells the market that saw the advertising; the shop's currency does where no country is given.
placed as (

    select
        counted.*,
        coalesce(by_country.market, market_of_currency.market, 'unmapped') as market
    from counted
    left join markets as by_country on counted.shipping_country_code = by_country.country_code
    left join market_of_currency on counted.currency = market_of_currency.currency

),

-- A clock is dear to ask: once a quarter of an hour and market.
clocked as (

    select distinct
        market,
        quarter_hour_utc
    from placed

),

days as (

    select
        clocked.market,
        clocked.quarter_hour_utc,
        {{ reporting_day('clocked.quarter_hour_utc', "coalesce(markets.timezone, 'UTC')") }} as date_day
    from clocked
    left join markets on clocked.market = markets.market

),

dated as (

    select
        placed.market,
        days.date_day,
        placed.outcome,
        placed.currency,
        placed.value_local
    from placed
    inner join days on placed.market = days.market and placed.quarter_hour_utc = days.quarter_hour_utc

)

select
    market,
    date_day,
    outcome,
    currency,
    sum(value_local) as value_local
from dated
group by market, date_day, outcome, currency
