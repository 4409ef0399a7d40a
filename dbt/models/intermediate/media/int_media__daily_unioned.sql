{#- Every platform of warehouse/connectors/. An intermediate model brings its market; others are given it here. -#}
{%- set figures = ['impressions', 'clicks', 'platform_conversions', 'grps'] -%}

with unioned as ( -- noqa: disable=LT02,LT05
{% for platform in media_platforms() %}
    {%- set is_located = platform.daily.startswith('int_') %}
    select
        '{{ platform.source }}' as source,
        account_id,
        campaign_id,
        campaign_name,
        campaign_type,
        {{ 'market' if is_located else 'cast(null as varchar)' }} as market,
        {{ 'currency' if is_located else 'account_currency' }} as currency,
        date_day,
        cast(spend_local as double precision) as spend_local,
        {%- for figure in figures %}
        cast({{ figure if figure in platform.figures else 'null' }} as double precision) as {{ figure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref(platform.daily) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
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
    coalesce(unioned.currency, accounts.currency) as currency,
    unioned.date_day,
    unioned.spend_local,
    unioned.impressions,
    unioned.clicks,
    unioned.platform_conversions,
    unioned.grps
from unioned
left join accounts on unioned.source = accounts.source and unioned.account_id = accounts.account_id
