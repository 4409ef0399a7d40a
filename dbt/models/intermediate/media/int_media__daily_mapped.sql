{{ config(materialized='view') }}

with media as (

    select * from {{ ref('int_media__daily_unioned') }}

),

rules as (

    select * from {{ ref('map_campaigns') }}

),

campaigns as (

    select distinct
        source,
        account_id,
        campaign_id,
        campaign_name,
        campaign_type
    from media

),

matches as (

    {{ channels_by_rule('campaigns', 'rules') }}

)

select
    media.source,
    media.account_id,
    media.campaign_id,
    media.campaign_name,
    media.campaign_type,
    media.market,
    coalesce(matches.channel, 'unmapped') as channel,
    media.currency,
    media.date_day,
    media.spend_local,
    media.impressions,
    media.clicks,
    media.platform_conversions,
    media.grps,
    media.provisional_local
from media
left join matches
    on
        media.source = matches.source
        and media.account_id = matches.account_id
        and media.campaign_id = matches.campaign_id
