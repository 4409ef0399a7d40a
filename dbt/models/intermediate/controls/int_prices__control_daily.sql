{{ config(enabled=is_on('prices')) }}

-- The price of a fixed basket: each product against its own mean of the first year, weighted as in that year. A product
-- that came later is in no basket, and one whose currency changed is another product: nothing is compared across.
with prices as (

    select * from {{ ref('stg_prices__prices') }}

),

markets_told as (

    select
        market,
        min(date_day) as base_from,
        cast(min(date_day) + interval '1 year' - interval '1 day' as date) as base_to,
        max(date_day) as told_to,
        count(paid_price) > 0 as tells_paid,
        -- Where some products have a weight, one without counts for nothing.
        case when count(weight) > 0 then 0 else 1 end as weight_untold
    from prices
    group by market

),

-- A price holds until the product's next row, and no further than the list is told.
spans as (

    select
        prices.market,
        prices.product_id,
        prices.currency,
        prices.list_price,
        case when markets_told.tells_paid then coalesce(prices.paid_price, prices.list_price) end as paid_price,
        prices.weight,
        prices.date_day as first_day,
        coalesce(
            lead(prices.date_day) over (partition by prices.market, prices.product_id order by prices.date_day) - 1,
            markets_told.told_to
        ) as last_day
    from prices
    inner join markets_told on prices.market = markets_told.market

),

days as (

    select
        market,
        product_id,
        currency,
        list_price,
        paid_price,
        weight,
        {{ each_day('first_day', 'last_day') }} as date_day
    from spans
    where list_price is not null

),

basket as (

    select
        days.market,
        days.product_id,
        days.currency,
        avg(days.list_price) as list_price,
        avg(days.paid_price) as paid_price,
        coalesce(avg(days.weight), max(markets_told.weight_untold)) as weight
    from days
    inner join markets_told on days.market = markets_told.market
    where days.date_day between markets_told.base_from and markets_told.base_to
    group by days.market, days.product_id, days.currency

),

indices as (

    select
        days.market,
        days.date_day,
        sum(basket.weight * days.list_price / basket.list_price) / sum(basket.weight) as list_index,
        sum(basket.weight * days.paid_price / basket.paid_price) / sum(basket.weight) as paid_index
    from days
    inner join basket
        on
            days.market = basket.market
            and days.product_id = basket.product_id
            and days.currency = basket.currency
    where basket.weight > 0
    group by days.market, days.date_day

)

select
    market,
    date_day,
    'price_index' as control,
    list_index as value
from indices
union all
select
    market,
    date_day,
    'paid_price_index' as control,
    paid_index as value
from indices
where paid_index is not null
