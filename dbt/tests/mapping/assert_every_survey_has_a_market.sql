-- A row is a market of a survey that no other table knows: no model would ever see its waves.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'fct_brand_weekly'}}}) }}

select
    surveys.market,
    'Surveys name market ' || surveys.market || ' (' || count(*) || ' figures from ' || min(surveys.wave_week)
    || ' on), which is none of dim_market. Write it as there, or add the market to dbt/seeds/markets.csv.' as message
from {{ ref('fct_brand_weekly') }} as surveys
left join {{ ref('dim_market') }} as markets on surveys.market = markets.market
where markets.market is null
group by surveys.market
