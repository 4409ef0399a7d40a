-- Two data sets that both tell one market's spend are added up. A row is a series that two files deliver.
{{ config(severity='error') }}

select
    market,
    role,
    name,
    'weekly_csv: ' || role || ' ' || name || ' of market ' || market || ' comes from ' || count(distinct dataset)
    || ' data sets (' || min(dataset) || ', ' || max(dataset)
    || '). Give one of them another market name in its mapping.' as message
from {{ ref('int_observations__converted') }}
group by market, role, name
having count(distinct dataset) > 1
