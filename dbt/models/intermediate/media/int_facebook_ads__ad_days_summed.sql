{#- Another list of kinds makes other figures: it is part of what the table was made by. -#}
{{ config(
    enabled=is_on('facebook_ads'),
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='date_day',
    meta={'made_with': var('facebook_conversion_types')},
) }}

-- Money, actions and values are stacked, not joined: an ad's day has one row of money and many of actions, and people
-- act on days on which the ad is not shown, too. Kinds of action nest, so only kinds that hold no other are taken.
with ad_days as not materialized (

    select
        ad_id,
        account_id,
        campaign_id,
        ad_set_id,
        date_day,
        spend_local,
        impressions,
        clicks,
        cast(null as double precision) as platform_conversions,
        cast(null as double precision) as conversion_value_local,
        _loaded_at
    from {{ ref('stg_facebook_ads__basic_ad') }}
    union all
    select
        ad_id,
        null as account_id,
        null as campaign_id,
        null as ad_set_id,
        date_day,
        0 as spend_local,
        0 as impressions,
        0 as clicks,
        actions as platform_conversions,
        null as conversion_value_local,
        _loaded_at
    from {{ ref('stg_facebook_ads__ad_actions') }}
    where action_type in ({{ facebook_conversion_types() }})
    union all
    select
        ad_id,
        null as account_id,
        null as campaign_id,
        null as ad_set_id,
        date_day,
        0 as spend_local,
        0 as impressions,
        0 as clicks,
        null as platform_conversions,
        value_local as conversion_value_local,
        _loaded_at
    from {{ ref('stg_facebook_ads__ad_action_values') }}
    where action_type in ({{ facebook_conversion_types() }})

),

ads as (

    select * from {{ ref('stg_facebook_ads__ads') }}

),

ad_sets as (

    select * from {{ ref('stg_facebook_ads__ad_sets') }}

),

{% if is_incremental() -%}
-- An ad may spend before its history arrives, or its ad set's, and then belongs to a campaign after all.
newly_known_sets as (

    select ad_set_id from ad_sets
    where _loaded_at > {{ last_load_seen() }}

),

newly_known_ads as (

    select ad_id from ads
    where
        _loaded_at > {{ last_load_seen() }}
        or ad_set_id in (select newly_known_sets.ad_set_id from newly_known_sets)

),

-- Joined one by one: where nothing is newly known, the ids of all days are not even read.
touched_days as (

    select date_day
    from ad_days
    where _loaded_at > {{ last_load_seen() }}
    union distinct
    select ad_days.date_day
    from ad_days
    inner join newly_known_ads on ad_days.ad_id = newly_known_ads.ad_id
    union distinct
    select ad_days.date_day
    from ad_days
    inner join newly_known_sets on ad_days.ad_set_id = newly_known_sets.ad_set_id

),

{% endif -%}
-- An ad without history keeps its money: the report or its ad set may tell the campaign, else it is named after the ad.
placed as (

    select
        coalesce(ad_days.account_id, ads.account_id, ad_sets.account_id, 'unknown') as account_id,
        coalesce(ads.campaign_id, ad_days.campaign_id, ad_sets.campaign_id, 'of ad ' || ad_days.ad_id) as campaign_id,
        ad_days.date_day,
        ad_days.spend_local,
        ad_days.impressions,
        ad_days.clicks,
        ad_days.platform_conversions,
        ad_days.conversion_value_local,
        greatest(
            ad_days._loaded_at,
            coalesce(ads._loaded_at, ad_days._loaded_at),
            coalesce(ad_sets._loaded_at, ad_days._loaded_at)
        ) as _loaded_at
    from ad_days
    left join ads on ad_days.ad_id = ads.ad_id
    left join ad_sets on coalesce(ads.ad_set_id, ad_days.ad_set_id) = ad_sets.ad_set_id
    {% if is_incremental() -%}
    where ad_days.date_day in (select touched_days.date_day from touched_days)
    {%- endif %}

)

select
    account_id,
    campaign_id,
    date_day,
    sum(spend_local) as spend_local,
    cast(sum(impressions) as bigint) as impressions,
    cast(sum(clicks) as bigint) as clicks,
    sum(platform_conversions) as platform_conversions,
    sum(conversion_value_local) as conversion_value_local,
    max(_loaded_at) as _loaded_at,
    {{ made_by() }} as _made_by
from placed
group by account_id, campaign_id, date_day
