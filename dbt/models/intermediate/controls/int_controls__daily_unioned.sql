{#- Every source of controls of warehouse/connectors/. -#}
{{ config(materialized='view') }}

with unioned as ( -- noqa: disable=LT02,LT05

    select
        cast(null as varchar) as source,
        cast(null as varchar) as market,
        cast(null as varchar) as control,
        cast(null as date) as date_day,
        cast(null as double precision) as value
    where false
{%- for origin in control_sources() %}
    union all
    select
        '{{ origin.source }}' as source,
        market,
        control,
        date_day,
        value
    from {{ ref(origin.daily) }}
{%- endfor %}

) -- noqa: enable=all

select * from unioned
