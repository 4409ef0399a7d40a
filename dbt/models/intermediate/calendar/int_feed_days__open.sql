{{ config(materialized='view') }}

with unioned as ( -- noqa: disable=LT02,LT05

    select
        cast(null as varchar) as source,
        cast(null as varchar) as market,
        cast(null as date) as date_day
    where false
{%- for platform in media_platforms() | selectattr('open_days') %}
    union all
    select
        '{{ platform.source }}' as source,
        market,
        date_day
    from {{ ref(platform.open_days) }}
{%- endfor %}

) -- noqa: enable=all

select * from unioned
