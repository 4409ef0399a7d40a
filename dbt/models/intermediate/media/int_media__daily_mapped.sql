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

    select
        campaigns.source,
        campaigns.account_id,
        campaigns.campaign_id,
        rules.channel,
        row_number() over (
            partition by campaigns.source, campaigns.account_id, campaigns.campaign_id
            order by rules.priority, rules.pattern
        ) as match_rank
    from campaigns
    inner join rules
        on
            campaigns.source = rules.source
            and lower(
                case rules.match_field
                    when 'campaign_name' then campaigns.campaign_name
                    when 'campaign_type' then campaigns.campaign_type
                    when 'campaign_id' then campaigns.campaign_id
                    when 'account_id' then campaigns.account_id
                end
            ) like lower(rules.pattern)

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
    media.grps
from media
left join matches
    on
        media.source = matches.source
        and media.account_id = matches.account_id
        and media.campaign_id = matches.campaign_id
        and matches.match_rank = 1
