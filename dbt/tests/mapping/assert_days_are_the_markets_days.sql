-- Daily exports cannot be shifted afterwards: an account that counts days in another zone puts evenings on the wrong
-- day, and Sunday evenings in the wrong week. A row is such an account or shop.
{{ config(severity='warn') }}

select
    accounts.source || ' account ' || accounts.account_id || ' counts days in ' || accounts.report_timezone
    || ' but market ' || accounts.market || ' lives in ' || accounts.market_timezone
    || '. Change the zone in the account, or the market''s in dbt/seeds/markets.csv.' as message
from {{ ref('int_accounts__located') }} as accounts
where
    accounts.source in ('google_ads', 'facebook_ads')
    and accounts.report_timezone <> accounts.market_timezone
union all
select
    'shopify shop ' || shops.shop_id || ' reports in ' || shops.shop_timezone || ' but market ' || markets.market
    || ' lives in ' || markets.timezone || ': days will differ from Shopify''s own reports. '
    || 'Change the market''s zone in dbt/seeds/markets.csv if the shop is right.' as message
from {{ ref('stg_shopify__shops') }} as shops
inner join {{ ref('markets') }} as markets on shops.country_code = markets.country_code
where shops.shop_timezone <> markets.timezone
