-- Every Monday of each market from its first to its last day with media or an outcome: no week can be missing by
-- accident, only flagged.
with days as (

    select
        market,
        date_day
    from {{ ref('int_media__daily_converted') }}
    union distinct
    select
        market,
        date_day
    from {{ ref('int_outcomes__daily_converted') }}
    union distinct
    select
        market,
        week_start as date_day
    from {{ ref('int_observations__converted') }}
    where role in ('outcome', 'spend')

),

spans as (

    select
        market,
        {{ week_start('min(date_day)') }} as first_week,
        {{ week_start('max(date_day)') }} as last_week
    from days
    group by market

),

all_days as (

    select
        market,
        {{ each_day('first_week', 'last_week') }} as date_day
    from spans

)

select
    market,
    date_day as week_start
from all_days
where date_day = {{ week_start('date_day') }}
