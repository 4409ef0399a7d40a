-- A macro series that the seed does not map is in no table. A row is such a series.
{{ config(severity='warn', enabled=is_on('fred'), meta={'dagster': {'ref': {'name': 'stg_fred__observations'}}}) }}

select
    observations.series_id,
    'fred: series ' || observations.series_id || ' (' || count(*) || ' figures from ' || min(observations.date_day)
    || ') is no market''s control. Map it in dbt/seeds/map_series.csv, or deliver it no more.' as message
from {{ ref('stg_fred__observations') }} as observations
left join {{ ref('map_series') }} as map_series on observations.series_id = map_series.series_id
where map_series.series_id is null
group by observations.series_id
