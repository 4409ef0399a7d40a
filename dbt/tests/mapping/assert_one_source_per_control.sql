-- A holiday that the sheet and the package both tell is two holidays to a model. A row is such a control.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_controls__daily_unioned'}}}) }}

with sources as (

    select distinct
        market,
        control,
        source
    from {{ ref('int_controls__daily_unioned') }}

)

select
    market,
    control,
    'Market ' || market || ': control ' || control || ' comes from ' || string_agg(source, ' and ' order by source)
    || ', and would count twice. Name the one that counts in the column source of dbt/seeds/control_definitions.csv, '
    || 'or do without the other: `mixhouse connector disable`.' as message
from sources
group by market, control
having count(*) > 1
