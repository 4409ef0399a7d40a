with ads_daily as (

    select * from {{ ref('stg_facebook_ads__basic_ad') }}

),

ads as (

    select * from {{ ref('stg_facebook_ads__ads') }}

),

campaigns as (

    select * from {{ ref('stg_facebook_ads__campaigns') }}

),

accounts as (

    select * from {{ ref('int_accounts__located') }}
    where source = 'facebook_ads'

),

-- An ad without history keeps its money: the campaign is then named after the ad, and the account is the row's own.
placed as (

    select
        coalesce(ads_daily.account_id, ads.account_id, 'unknown') as account_id,
        coalesce(ads.campaign_id, 'of ad ' || ads_daily.ad_id) as campaign_id,
        ads_daily.date_day,
        ads_daily.spend_local,
        ads_daily.impressions,
        ads_daily.clicks
    from ads_daily
    left join ads on ads_daily.ad_id = ads.ad_id

)

select
    placed.account_id,
    placed.campaign_id,
    campaigns.campaign_name,
    campaigns.campaign_type,
    accounts.market,
    accounts.currency,
    placed.date_day,
    sum(placed.spend_local) as spend_local,
    sum(placed.impressions) as impressions,
    sum(placed.clicks) as clicks
from placed
left join campaigns on placed.campaign_id = campaigns.campaign_id
left join accounts on placed.account_id = accounts.account_id
group by 1, 2, 3, 4, 5, 6, 7
