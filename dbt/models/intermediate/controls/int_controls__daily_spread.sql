-- Every series at one grain. The figure of a month or week holds for each of its days (no interpolation towards a
-- figure that was not published yet); a total is shared out among them.
with published as (

    select * from {{ ref('int_controls__daily_unioned') }}

),

definitions as (

    select * from {{ ref('control_definitions') }}

),

periods as (

    select
        published.source,
        published.market,
        published.control,
        published.value,
        definitions.aggregation,
        case definitions.frequency
            when 'monthly' then cast(date_trunc('month', published.date_day) as date)
            when 'weekly' then {{ week_start('published.date_day') }}
            else published.date_day
        end as first_day,
        case definitions.frequency
            when 'monthly'
                then cast(date_trunc('month', published.date_day) + interval '1 month' - interval '1 day' as date)
            when 'weekly' then cast({{ week_start('published.date_day') }} + interval '6 days' as date)
            else published.date_day
        end as last_day
    from published
    inner join definitions on published.control = definitions.control

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
