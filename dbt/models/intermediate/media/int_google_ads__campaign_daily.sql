with stats as (

    select * from {{ ref('stg_google_ads__campaign_stats') }}

),

campaigns as (

    select * from {{ ref('stg_google_ads__campaigns') }}

),

accounts as (

    select * from {{ ref('int_accounts__located') }}
    where source = 'google_ads'

)

select
    stats.account_id,
    stats.campaign_id,
    campaigns.campaign_name,
    campaigns.campaign_type,
    accounts.market,
    accounts.currency,
    stats.date_day,
    sum(stats.spend_local) as spend_local,
    sum(stats.impressions) as impressions,
    sum(stats.clicks) as clicks,
    sum(stats.platform_conversions) as platform_conversions
from stats
left join campaigns on stats.campaign_id = campaigns.campaign_id
left join accounts on stats.account_id = accounts.account_id
group by 1, 2, 3, 4, 5, 6, 7
