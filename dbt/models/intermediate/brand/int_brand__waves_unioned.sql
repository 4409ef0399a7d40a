{#- Every source of surveys of warehouse/connectors/. -#}
{{ config(materialized='view') }}

with unioned as ( -- noqa: disable=LT02,LT05

    select
        cast(null as varchar) as source,
        cast(null as varchar) as market,
        cast(null as date) as wave_start,
        cast(null as date) as wave_end,
        cast(null as varchar) as metric,
        cast(null as double precision) as value,
        cast(null as integer) as sample_size
    where false
{%- for origin in brand_sources() %}
    union all
    select
        '{{ origin.source }}' as source,
        market,
        wave_start,
        wave_end,
        metric,
        value,
        sample_size
    from {{ ref(origin.daily) }}
{%- endfor %}

) -- noqa: enable=all

select * from unioned
