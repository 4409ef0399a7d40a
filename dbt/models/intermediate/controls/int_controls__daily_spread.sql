-- Every series at one grain. The figure of a quarter, month or week holds for each of its days (no interpolation
-- towards a figure that was not published yet); a total is shared out among them.
with published as (

    select * from {{ ref('int_controls__daily_unioned') }}

),

definitions as (

    select * from {{ ref('control_definitions') }}

),

dated as (

    select
        published.source,
        published.market,
        published.control,
        published.value,
        definitions.aggregation,
        definitions.frequency,
        {{ period_start('published.date_day', 'definitions.frequency') }} as first_day
    from published
    inner join definitions on published.control = definitions.control

),

periods as (

    select
        *,
        {{ period_end('first_day', 'frequency') }} as last_day
    from dated

),

days as (

    select
        source,
        market,
        control,
        case when aggregation = 'sum' then value / (last_day - first_day + 1) else value end as value,
        {{ each_day('first_day', 'last_day') }} as date_day
    from periods

)

select
    source,
    market,
    control,
    date_day,
    {{ week_start('date_day') }} as week_start,
    value
from days
