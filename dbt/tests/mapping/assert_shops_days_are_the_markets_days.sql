-- Orders are put on the market's day, as media are; Shopify's own reports count the shop's. A row is a shop where the
-- two differ.
{{ config(severity='warn', enabled=is_on('shopify'), meta={'dagster': {'ref': {'name': 'stg_shopify__shops'}}}) }}

select
    shops.shop_id,
    'shopify shop ' || shops.shop_id || ' reports in ' || shops.shop_timezone || ' but market ' || markets.market
    || ' lives in ' || markets.timezone || ': days will differ from Shopify''s own reports. '
    || 'Change the market''s zone in dbt/seeds/markets.csv if the shop is right.' as message
from {{ ref('stg_shopify__shops') }} as shops
inner join {{ ref('markets') }} as markets on shops.country_code = markets.country_code
where shops.shop_timezone <> markets.timezone
