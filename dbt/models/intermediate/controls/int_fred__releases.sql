{{ config(enabled=is_on('fred'), materialized='view') }}

-- What was published when about each period of a control. A question without vintages gives every figure the day on
-- which it was asked: a release that repeats the figure before it is none.
with observations as (

    select * from {{ ref('stg_fred__observations') }}

),

compared as (

    select
        *,
        row_number() over (partition by series_id, date_day order by known_from) as release_number,
        lag(value) over (partition by series_id, date_day order by known_from) as previous_value
    from observations

),

changed as (

    select * from compared
    where release_number = 1 or value is distinct from previous_value

),

dated as (

    select
        changed.series_id,
        map_series.market,
        map_series.control,
        definitions.frequency,
        -- FRED names a week by its last day, whichever that is: the Monday week that holds most of it.
        {{ period_start(
            "case when definitions.frequency = 'weekly' then changed.date_day - 3 else changed.date_day end",
            'definitions.frequency',
        ) }} as first_day,
        changed.known_from,
        lead(changed.known_from) over (
            partition by map_series.market, map_series.control, changed.date_day order by changed.known_from
        ) - 1 as known_until,
        changed.value
    from changed
    inner join {{ ref('map_series') }} as map_series on changed.series_id = map_series.series_id
    -- A control that the seed does not define goes on, so that the test of controls names it.
    left join {{ ref('control_definitions') }} as definitions on map_series.control = definitions.control

)

select
    series_id,
    market,
    control,
    first_day,
    {{ period_end('first_day', 'frequency') }} as last_day,
    known_from,
    known_until,
    value
from dated
