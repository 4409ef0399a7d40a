-- A price that leaves its own past is a unit, a filter or a campaign type that changed, and so is a number of orders. A
-- row is such a figure in the newest whole week of a feed. Impressions come and go with the budget: their price tells.
{{ config(severity='warn') }}

with newest as (

    select
        source,
        market,
        max(week_start) as week_start
    from {{ ref('fct_source_coverage') }}
    where is_complete
    group by source, market

),

figures as (

    select
        source,
        market,
        week_start,
        'CPM' as figure,
        cpm as value,
        cpm_drift as drift
    from {{ ref('fct_source_coverage') }}
    union all
    select
        source,
        market,
        week_start,
        'CPC' as figure,
        cpc as value,
        cpc_drift as drift
    from {{ ref('fct_source_coverage') }}
    union all
    select
        source,
        market,
        week_start,
        'volume' as figure,
        volume as value,
        volume_drift as drift
    from {{ ref('fct_source_coverage') }}
    where spend is null

)

select
    figures.source,
    figures.market,
    figures.week_start,
    figures.figure,
    figures.source || ' in market ' || figures.market || ', week of ' || figures.week_start || ': ' || figures.figure
    || ' is ' || round(cast(figures.value as numeric), 2) || ', '
    || round(cast(1 + figures.drift as numeric), 2) || ' times the median of the eight weeks before. '
    || 'Look whether a unit, a filter or the campaigns changed.' as message
from figures
inner join newest
    on
        figures.source = newest.source
        and figures.market = newest.market
        and figures.week_start = newest.week_start
where
    1 + figures.drift > {{ var('drift_warned') }}
    or 1 + figures.drift < 1.0 / {{ var('drift_warned') }}
