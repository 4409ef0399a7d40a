-- A control that the seed does not define reaches no model. A row is such a control.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_controls__daily_unioned'}}}) }}

select
    published.control,
    published.source || ': series ' || published.control || ' (' || count(*) || ' values from '
    || min(published.date_day) || ') has no definition, so nobody knows how to make weeks of it. '
    || 'Add it to dbt/seeds/control_definitions.csv.' as message
from {{ ref('int_controls__daily_unioned') }} as published
left join {{ ref('control_definitions') }} as definitions on published.control = definitions.control
where definitions.control is null
group by published.source, published.control
