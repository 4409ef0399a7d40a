{{ config(enabled=is_on('influencer')) }}

select
    lower(platform) || ' ' || post_id as post_key,
    -- A post without a deal is a deal of its own.
    creator || ' ' || coalesce(deal_id, lower(platform) || ' ' || post_id) as deal_key,
    creator,
    lower(platform) as platform,
    market,
    post_date,
    fee as fee_local,
    fee_start,
    fee_end,
    coalesce(product_seed_value, 0) as products_local,
    upper(currency) as currency,
    impressions
from {{ source('influencer', 'posts') }}
