-- Rolling figures, a month's average told anew each week, count every interview several times: as separate waves they
-- would look surer than they are. A row is a panel's wave that reaches into the one after it.
{{ config(severity='warn', enabled=is_on('brand_survey')) }}

with waves as (

    select
        *,
        lead(wave_start) over (partition by panel_provider, market, metric order by wave_start) as next_start
    from {{ ref('stg_brand_survey__waves') }}

)

select
    panel_provider,
    market,
    metric,
    'brand_survey: ' || count(*) || ' waves of ' || metric || ' in ' || market || ' (panel ' || panel_provider
    || ') reach into the next, the first from ' || min(wave_start) || '. If these are rolling averages, deliver the '
    || 'waves that they are made of.' as message
from waves
where next_start <= wave_end
group by panel_provider, market, metric
