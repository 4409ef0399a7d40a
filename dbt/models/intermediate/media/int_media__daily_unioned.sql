{#- One line a platform: its daily model, and the figures that it does not report. A new platform is a new line. -#}
{%- set platforms = [
    {'source': 'google_ads', 'daily': ref('int_google_ads__campaign_daily'), 'lacks': ['grps']},
    {'source': 'facebook_ads', 'daily': ref('int_facebook_ads__campaign_daily'), 'lacks': ['platform_conversions', 'grps']},
    {'source': 'tiktok_ads', 'daily': ref('int_tiktok_ads__campaign_daily'), 'lacks': ['grps']},
    {'source': 'offline', 'daily': ref('int_offline__flight_daily'), 'lacks': ['impressions', 'clicks', 'platform_conversions']},
] -%}
{%- set figures = ['impressions', 'clicks', 'platform_conversions', 'grps'] -%}

with unioned as ( -- noqa: disable=LT02,LT05
{% for platform in platforms %}
    select
        '{{ platform.source }}' as source,
        account_id,
        campaign_id,
        campaign_name,
        campaign_type,
        market,
        currency,
        date_day,
        cast(spend_local as double precision) as spend_local,
        {%- for figure in figures %}
        {% if figure in platform.lacks %}cast(null as double precision){% else %}cast({{ figure }} as double precision){% endif %} as {{ figure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ platform.daily }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
) -- noqa: enable=all

select
    source,
    account_id,
    campaign_id,
    campaign_name,
    campaign_type,
    -- Kept, not dropped: a test stops the build on it and says what to map.
    coalesce(market, 'unmapped') as market,
    currency,
    date_day,
    spend_local,
    impressions,
    clicks,
    platform_conversions,
    grps
from unioned
