-- Two sources that count one outcome of a market are added up, and every lead counts twice. A row is such an outcome.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_outcomes__daily_converted'}}}) }}

with sources as (

    select distinct
        market,
        outcome,
        source
    from {{ ref('int_outcomes__daily_converted') }}
    union distinct
    select distinct
        market,
        name as outcome,
        'weekly_csv' as source
    from {{ ref('int_observations__converted') }}
    where role = 'outcome'

)

select
    market,
    outcome,
    'Market ' || market || ': ' || outcome || ' comes from ' || string_agg(source, ' and ' order by source)
    || ', and is counted twice. Keep one: `mixhouse connector disable` the other, or give it a market of its own.'
        as message
from sources
group by market, outcome
having count(*) > 1
