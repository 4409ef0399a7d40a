{{ config(enabled=is_on('influencer')) }}

with posts as (

    select * from {{ ref('stg_influencer__posts') }}

),

-- One fee may pay for several posts, and may stand in each of their rows.
deals as (

    select
        deal_key,
        max(fee_local) as fee_local,
        min(fee_start) as fee_start,
        max(fee_end) as fee_end,
        count(*) as posts
    from posts
    group by deal_key

),

shared as (

    select
        posts.*,
        coalesce(deals.fee_local, 0) / deals.posts as share_local,
        -- A fee for a period is spread over it. Any other counts when the post is seen, whenever it is invoiced.
        coalesce(deals.fee_start, posts.post_date) as first_day,
        coalesce(deals.fee_end, posts.post_date) as last_day
    from posts
    inner join deals on posts.deal_key = deals.deal_key

),

fee_days as (

    select
        post_key,
        creator,
        platform,
        market,
        currency,
        {{ each_day('first_day', 'last_day') }} as date_day,
        share_local / (last_day - first_day + 1) as spend_local,
        null as impressions
    from shared

),

post_days as (

    select
        post_key,
        creator,
        platform,
        market,
        currency,
        coalesce(post_date, first_day) as date_day,
        {{ 'products_local' if var('gifted_products_are_spend') else '0' }} as spend_local,
        impressions
    from shared

),

unioned as (

    select * from fee_days
    union all
    select * from post_days

)

select
    'influencer sheet' as account_id,
    post_key as campaign_id,
    creator as campaign_name,
    platform as campaign_type,
    market,
    currency,
    date_day,
    sum(spend_local) as spend_local,
    sum(impressions) as impressions
from unioned
group by post_key, creator, platform, market, currency, date_day
