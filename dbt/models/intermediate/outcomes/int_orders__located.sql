with orders as (

    select * from {{ ref('stg_shopify__orders') }}
    where not is_test and not is_cancelled and not is_deleted

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

-- Where the goods go tells the market that saw the advertising; the shop's currency does where no country is given.
placed as (

    select
        orders.*,
        coalesce(by_country.market, market_of_currency.market, 'unmapped') as market
    from orders
    left join markets as by_country on orders.shipping_country_code = by_country.country_code
    left join market_of_currency on orders.currency = market_of_currency.currency

)

select
    placed.order_id,
    placed.customer_id,
    placed.market,
    placed.currency,
    placed.ordered_at_utc,
    {{ reporting_day('placed.ordered_at_utc', "coalesce(markets.timezone, 'UTC')") }} as date_day,
    placed.total_price_local,
    placed.customer_id is not null
    and row_number() over (
        partition by placed.customer_id
        order by placed.ordered_at_utc, placed.order_id
    ) = 1 as is_first_order
from placed
left join markets on placed.market = markets.market
