-- Survey waves where they were in the field, and nothing between them: a line from wave to wave would be a figure that
-- nobody measured, and as sure of itself as those that somebody did.
with waves as (

    select
        *,
        -- Interviews are spread over the field time: on average they were made in its middle.
        wave_start + cast(floor((wave_end - wave_start) / 2.0) as integer) as middle_day
    from {{ ref('int_brand__waves_unioned') }}

)

select
    {{ week_start('middle_day') }} as wave_week,
    cast(market as varchar) as market,
    cast(metric as varchar) as metric,
    -- Several panels, or several waves of one, in a week are one larger sample.
    cast(sum(value * sample_size) / sum(sample_size) as double precision) as value,
    cast(sum(sample_size) as integer) as sample_size
from waves
group by {{ week_start('middle_day') }}, market, metric
