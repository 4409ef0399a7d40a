-- One fee a deal, and each fee is spent once. A row is a deal whose rows state several fees or currencies, or whose
-- money was lost or doubled when it was laid on its days.
{{ config(
    severity='error', enabled=is_on('influencer'),
    meta={'dagster': {'ref': {'name': 'int_influencer__post_daily'}}},
) }}

with deals as (

    select
        deal_key,
        count(distinct currency) as currencies,
        count(distinct fee_local) as fees,
        coalesce(sum(distinct fee_local), 0)
        + {{ 'sum(products_local)' if var('gifted_products_are_spend') else '0' }} as stated
    from {{ ref('stg_influencer__posts') }}
    group by deal_key

),

spent as (

    select
        posts.deal_key,
        sum(days.spend_local) as spend
    from {{ ref('int_influencer__post_daily') }} as days
    inner join {{ ref('stg_influencer__posts') }} as posts on days.campaign_id = posts.post_key
    group by posts.deal_key

)

select
    deals.deal_key,
    'influencer: deal ' || deals.deal_key || ' states ' || round(cast(deals.stated as numeric), 2) || ' in '
    || deals.fees || ' different fees and ' || deals.currencies || ' currencies, and '
    || round(cast(coalesce(spent.spend, 0) as numeric), 2) || ' are spent on its days. A deal has one fee: give posts '
    || 'that are paid one by one no deal_id.' as message
from deals
left join spent on deals.deal_key = spent.deal_key
where deals.currencies > 1 or abs(deals.stated - coalesce(spent.spend, 0)) >= 0.005
