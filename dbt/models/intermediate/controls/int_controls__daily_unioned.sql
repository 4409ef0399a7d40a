{#- Every source of controls of warehouse/connectors/. -#}
{{ config(materialized='view') }}

with definitions as (

    select * from {{ ref('control_definitions') }}

),

unioned as ( -- noqa: disable=LT02,LT05

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

-- Where several sources deliver a series, the seed may say which one counts.
select unioned.*
from unioned
left join definitions on unioned.control = definitions.control
where unioned.source = coalesce(definitions.source, unioned.source)
