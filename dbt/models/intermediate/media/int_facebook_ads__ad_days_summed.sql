{{ config(
    enabled=is_on('facebook_ads'),
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='date_day',
) }}

with ad_days as (

    select * from {{ ref('stg_facebook_ads__basic_ad') }}

),

ads as (

    select * from {{ ref('stg_facebook_ads__ads') }}

),

{% if is_incremental() -%}
touched_days as (

    select date_day
    from ad_days
    where _loaded_at >= {{ last_load_seen() }}
    union distinct
    -- An ad may spend before its history arrives, and then belongs to a campaign after all.
    select ad_days.date_day
    from ad_days
    inner join ads on ad_days.ad_id = ads.ad_id
    where ads._loaded_at >= {{ last_load_seen() }}

),

{% endif -%}
-- An ad without history keeps its money: the campaign is then named after the ad, and the account is the row's own.
placed as (

    select
        coalesce(ad_days.account_id, ads.account_id, 'unknown') as account_id,
        coalesce(ads.campaign_id, 'of ad ' || ad_days.ad_id) as campaign_id,
        ad_days.date_day,
        ad_days.spend_local,
        ad_days.impressions,
        ad_days.clicks,
        greatest(ad_days._loaded_at, coalesce(ads._loaded_at, ad_days._loaded_at)) as _loaded_at
    from ad_days
    left join ads on ad_days.ad_id = ads.ad_id
    {% if is_incremental() -%}
    where ad_days.date_day in (select touched_days.date_day from touched_days)
    {%- endif %}

)

select
    account_id,
    campaign_id,
    date_day,
    sum(spend_local) as spend_local,
    sum(impressions) as impressions,
    sum(clicks) as clicks,
    max(_loaded_at) as _loaded_at,
    {{ made_by() }} as _made_by
from placed
group by account_id, campaign_id, date_day
