-- A row is a currency of orders that belong to no market.
{{ config(severity='error') }}

select
    currency,
    count(*) as orders,
    'shopify: ' || count(*) || ' orders in ' || currency || ' (for example order ' || min(order_id)
    || ') have neither a country nor a currency that tells one market. Add the country to dbt/seeds/markets.csv.'
        as message
from {{ ref('int_orders__located') }}
where market = 'unmapped'
group by currency
