-- Another wording is another series: the step between the two is the question's, not the brand's. A row is such a
-- series.
{{ config(severity='warn', enabled=is_on('brand_survey')) }}

select
    panel_provider,
    market,
    metric,
    'brand_survey: ' || metric || ' in ' || market || ' (panel ' || panel_provider || ') was asked in '
    || count(distinct question) || ' wordings. Figures of different questions are no series: deliver one wording, or '
    || 'those of another under another metric.' as message
from {{ ref('stg_brand_survey__waves') }}
group by panel_provider, market, metric
having count(distinct question) > 1
