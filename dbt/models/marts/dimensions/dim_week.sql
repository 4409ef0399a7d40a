with weeks as (

    select * from {{ ref('int_weeks__spanned') }}

),

needs as (

    select
        media.market,
        media.week_start,
        'media' as kind,
        media.channel as name,
        media.days_observed,
        media.is_complete,
        -- A channel that is paid by the sale is no cause of sales; late or not, it keeps no model waiting.
        not channels.is_endogenous as holds_back
    from {{ ref('fct_media_weekly') }} as media
    inner join {{ ref('dim_channel') }} as channels on media.channel = channels.channel
    union all
    select
        market,
        week_start,
        'outcome' as kind,
        outcome as name,
        days_observed,
        is_complete,
        -- Outcomes and controls speak for themselves: one that is late must not keep the models of another waiting.
        false as holds_back
    from {{ ref('fct_outcomes_weekly') }}

),

checked as (

    select
        market,
        week_start,
        min(case when is_complete then 1 else 0 end) = 1 as is_complete,
        min(case when is_complete or not holds_back then 1 else 0 end) = 1
        and max(case when is_complete and kind = 'outcome' then 1 else 0 end) = 1 as is_model_ready,
        string_agg(
            case when not is_complete then kind || ' ' || name || ' (' || days_observed || ' of 7 days)' end, ', '
            order by kind, name
        ) as gaps
    from needs
    group by market, week_start

),

last_ready as (

    select
        market,
        max(week_start) as week_start
    from checked
    where is_model_ready
    group by market

)

select
    weeks.week_start,
    cast(weeks.market as varchar) as market,
    cast(weeks.week_start + interval '6 days' as date) as week_end,
    cast(extract(isoyear from weeks.week_start) as integer) as iso_year,
    cast(extract(week from weeks.week_start) as integer) as iso_week,
    coalesce(checked.is_complete, false) as is_complete,
    coalesce(checked.is_model_ready, false) as is_model_ready,
    weeks.week_start > coalesce(last_ready.week_start, weeks.week_start - interval '1 day') as is_trailing,
    cast(checked.gaps as varchar) as gaps
from weeks
left join checked on weeks.market = checked.market and weeks.week_start = checked.week_start
left join last_ready on weeks.market = last_ready.market
