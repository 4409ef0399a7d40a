{#- Every platform of warehouse/connectors/. One that must know the market to know the day brings it; others get it. -#}
{%- set figures = ['impressions', 'clicks', 'platform_conversions', 'grps', 'provisional_local'] -%}
{{ config(materialized='view') }}

with unioned as ( -- noqa: disable=LT02,LT05

    -- The shape; with every platform switched off it is all there is.
    select
        cast(null as varchar) as source,
        cast(null as varchar) as account_id,
        cast(null as varchar) as campaign_id,
        cast(null as varchar) as campaign_name,
        cast(null as varchar) as campaign_type,
        cast(null as varchar) as market,
        cast(null as varchar) as currency,
        cast(null as date) as date_day,
        cast(null as double precision) as spend_local
        {%- for figure in figures %},
        cast(null as double precision) as {{ figure }}
        {%- endfor %}
    where false
{%- for platform in media_platforms() %}
    union all
    select
        '{{ platform.source }}' as source,
        account_id,
        campaign_id,
        campaign_name,
        campaign_type,
        {{ 'market' if platform.is_located else 'null' }} as market,
        {{ 'currency' if platform.is_located else 'account_currency' }} as currency,
        date_day,
        spend_local
        {%- for figure in figures %},
        {{ figure if figure in platform.figures else 'null' }} as {{ figure }}
        {%- endfor %}
    from {{ ref(platform.daily) }}
{%- endfor %}

), -- noqa: enable=all

accounts as (

    select * from {{ ref('int_accounts__located') }}

)

select
    unioned.source,
    unioned.account_id,
    unioned.campaign_id,
    unioned.campaign_name,
    unioned.campaign_type,
    -- Kept, not dropped: a test stops the build on it and says what to map.
    coalesce(unioned.market, accounts.market, 'unmapped') as market,
    upper(coalesce(unioned.currency, accounts.currency)) as currency,
    unioned.date_day,
    unioned.spend_local,
    unioned.impressions,
    unioned.clicks,
    unioned.platform_conversions,
    unioned.grps,
    unioned.provisional_local
from unioned
left join accounts on unioned.source = accounts.source and unioned.account_id = accounts.account_id
