{#- Every source of outcomes of warehouse/connectors/. -#}
{{ config(materialized='view') }}

with unioned as ( -- noqa: disable=LT02,LT05

    select
        cast(null as varchar) as source,
        cast(null as varchar) as market,
        cast(null as date) as date_day,
        cast(null as varchar) as outcome,
        cast(null as varchar) as currency,
        cast(null as double precision) as value_local
    where false
{%- for origin in outcome_sources() %}
    union all
    select
        '{{ origin.source }}' as source,
        market,
        date_day,
        outcome,
        currency,
        value_local
    from {{ ref(origin.daily) }}
{%- endfor %}

) -- noqa: enable=all

select * from unioned
