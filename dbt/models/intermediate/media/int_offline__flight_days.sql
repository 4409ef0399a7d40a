{{ config(enabled=is_on('offline')) }}

-- Each flight as it ran, and as it was last planned, day by day. What it is, where it runs and how it stands is what
-- the sheet says now; days and figures are those of the version.
with flights as (

    select * from {{ ref('stg_offline__media_flights') }}

),

former_plans as (

    select * from {{ ref('stg_offline__superseded_flights') }}
    where is_open

),

last_plans as (

    {{ latest_version('former_plans', key=['flight_id'], newest_first=['updated_at desc']) }}

),

{%- set of_version = [
    'first_day', 'last_day', 'calendar', 'cost_per', 'cost_local', 'currency', 'grps', 'impressions', 'spots',
    'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'
] %}

versions as (

    select
        flight_id,
        channel_label,
        vendor,
        market,
        status,
        is_open,
        is_open as is_plan,
        {{ of_version | join(', ') }}
    from flights
    where is_spent or is_open
    union all
    select
        flights.flight_id,
        flights.channel_label,
        flights.vendor,
        flights.market,
        flights.status,
        flights.is_open,
        true as is_plan,
        last_plans.{{ of_version | join(', last_plans.') }}
    from flights
    inner join last_plans on flights.flight_id = last_plans.flight_id
    where not flights.is_open

),

days as (

    select
        *,
        cast(last_day - first_day + 1 as double precision) as flight_days,
        {{ each_day('first_day', 'last_day') }} as date_day
    from versions

),

weighted as (

    select
        *,
        case
            when coalesce(mon, tue, wed, thu, fri, sat, sun) is null then 1
            else coalesce(
                case extract(isodow from date_day)
                    when 1 then mon
                    when 2 then tue
                    when 3 then wed
                    when 4 then thu
                    when 5 then fri
                    when 6 then sat
                    when 7 then sun
                end, 0
            )
        end as weight,
        case
            when calendar = 'broadcast_month'
                then
                    {{ broadcast_month_start(broadcast_month('date_day') ~ " + interval '1 month'") }}
                    - {{ broadcast_month_start(broadcast_month('date_day')) }}
            else
                cast(date_trunc('month', date_day) + interval '1 month' as date)
                - cast(date_trunc('month', date_day) as date)
        end as month_days
    from days

),

totalled as (

    select
        *,
        sum(weight) over (partition by flight_id, is_plan) as total_weight
    from weighted

)

select
    flight_id,
    channel_label,
    vendor,
    market,
    status,
    is_open,
    is_plan,
    date_day,
    currency,
    -- A rent is paid for every day of the month, whatever the pattern.
    case cost_per
        when 'month' then cost_local / month_days
        else {{ of_the_day('cost_local') }}
    end as cost_local,
    {{ of_the_day('grps') }} as grps,
    {{ of_the_day('impressions') }} as impressions,
    {{ of_the_day('spots') }} as spots
from totalled
