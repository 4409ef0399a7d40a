-- Spend in = spend out, first half: what each platform's raw table holds is what int_media__daily_converted holds,
-- account currencies added up. A row is a platform whose money was lost or doubled on the way.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_media__daily_converted'}}}) }}

with exported as ( -- noqa: disable=LT02,LT05

    select
        cast(null as varchar) as source,
        cast(null as double precision) as spend
    where false
{%- for platform in media_platforms() | selectattr('raw_spend') %}
    union all
    select
        '{{ platform.source }}' as source,
        sum({{ platform.raw_spend }}) as spend
    from {{ source(platform.source, platform.raw_table) }}
{%- endfor %}

), -- noqa: enable=all

converted as (

    select
        source,
        sum(spend_local) as spend
    from {{ ref('int_media__daily_converted') }}
    group by source

),

compared as (

    select
        exported.source,
        coalesce(exported.spend, 0) as spend_in,
        coalesce(converted.spend, 0) as spend_out
    from exported
    left join converted on exported.source = converted.source

)

select
    source,
    spend_in,
    spend_out,
    source || ': the export holds ' || round(cast(spend_in as numeric), 2) || ' and int_media__daily_converted '
    || round(cast(spend_out as numeric), 2) || ', account currencies added up. A join drops or repeats rows: '
    || 'compare both tables by day.' as message
from compared
where abs(spend_in - spend_out) >= 0.005
