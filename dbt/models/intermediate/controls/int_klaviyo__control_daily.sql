{{ config(enabled=is_on('klaviyo')) }}

-- Messages by market and the market's own day, as control series; what a team sent and what customers set off apart.
with messages as (

    select * from {{ ref('int_klaviyo__messages_located') }}
    where market <> 'unmapped'

),

markets as (

    select * from {{ ref('markets') }}

),

accounts as (

    select
        account_id,
        active_to
    from {{ ref('map_accounts') }}
    where source = 'klaviyo'

),

-- How far each account was delivered: any event tells it, an order or a visit as well as a message.
reach as (

    select
        account_id,
        max(quarter_hour_utc) as newest_utc
    from {{ ref('int_klaviyo__event_slots') }}
    group by account_id

),

-- Many campaigns are opened in one quarter of an hour: its day is worked out once.
moments as (

    select distinct
        market,
        quarter_hour_utc
    from messages

),

days_of_moments as (

    select
        moments.market,
        moments.quarter_hour_utc,
        coalesce(markets.timezone, 'UTC') as market_timezone,
        {{ reporting_day('moments.quarter_hour_utc', "coalesce(markets.timezone, 'UTC')") }} as date_day
    from moments
    left join markets on moments.market = markets.market

),

dated as (

    select
        messages.market,
        messages.account_id,
        days_of_moments.market_timezone,
        days_of_moments.date_day,
        messages.message,
        messages.sent_by,
        sum(messages.events) as events
    from messages
    inner join days_of_moments
        on messages.market = days_of_moments.market and messages.quarter_hour_utc = days_of_moments.quarter_hour_utc
    group by
        messages.market, messages.account_id, days_of_moments.market_timezone, days_of_moments.date_day,
        messages.message, messages.sent_by

),

served as (

    select
        market,
        account_id,
        market_timezone,
        min(date_day) as first_day
    from dated
    group by market, account_id, market_timezone

),

-- The day of an account's newest event still runs. A market is known as far as all of its accounts are, those aside
-- that were closed.
spans as (

    select
        served.market,
        min(served.first_day) as first_day,
        coalesce(
            min(case
                when accounts.active_to is null
                    then {{ reporting_day('reach.newest_utc', 'served.market_timezone') }}
            end),
            max({{ reporting_day('reach.newest_utc', 'served.market_timezone') }})
        ) - 1 as last_day
    from served
    inner join reach on served.account_id = reach.account_id
    left join accounts on served.account_id = accounts.account_id
    group by served.market

),

days as (

    select
        market,
        {{ each_day('first_day', 'last_day') }} as date_day
    from spans

),

summed as (

    select
        market,
        date_day,
        message as control,
        sum(events) as events
    from dated
    group by market, date_day, message
    union all
    select
        market,
        date_day,
        message || '_by_' || sent_by as control,
        sum(events) as events
    from dated
    where message in ('email_received', 'sms_received') and sent_by in ('campaign', 'flow')
    group by market, date_day, message, sent_by

),

series as (

    select distinct
        market,
        control
    from summed

)

-- A day that was delivered and had no such message is a zero.
select
    series.market,
    days.date_day,
    series.control,
    cast(coalesce(summed.events, 0) as double precision) as value
from series
inner join days on series.market = days.market
left join summed
    on
        series.market = summed.market
        and series.control = summed.control
        and days.date_day = summed.date_day
