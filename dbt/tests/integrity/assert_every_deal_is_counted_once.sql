-- Every deal that counts is one lead of one market, with its money. A row is a CRM in which they differ.
{{ config(
    severity='error',
    enabled=is_on('hubspot') or is_on('salesforce'),
    meta={'dagster': {'ref': {'name': 'int_outcomes__daily_unioned'}}},
) }}

with deals as ( -- noqa: disable=LT02,LT05
    {%- for source in ['hubspot', 'salesforce'] if is_on(source) %}
    {{ 'union all' if not loop.first }}
    select
        '{{ source }}' as source,
        count(*) as leads,
        coalesce(sum(amount_local), 0) as pipeline
    from {{ ref('stg_' ~ source ~ '__deals') }}
    where counts
    {%- endfor %}

),

counted as (

    select
        source,
        sum(case when outcome = 'leads' then value_local else 0 end) as leads,
        sum(case when outcome = 'pipeline' then value_local else 0 end) as pipeline
    from {{ ref('int_outcomes__daily_unioned') }}
    group by source

) -- noqa: enable=all

select
    deals.source,
    deals.source || ': the export holds ' || deals.leads || ' deals worth '
    || round(cast(deals.pipeline as numeric), 2) || ', and int_' || deals.source || '__outcome_daily '
    || coalesce(counted.leads, 0) || ' worth ' || round(cast(coalesce(counted.pipeline, 0) as numeric), 2)
    || ', currencies added up. Look for a currency that stands twice in dbt/seeds/markets.csv.' as message
from deals
left join counted on deals.source = counted.source
where
    deals.leads <> coalesce(counted.leads, 0)
    or abs(deals.pipeline - coalesce(counted.pipeline, 0)) >= 0.005
