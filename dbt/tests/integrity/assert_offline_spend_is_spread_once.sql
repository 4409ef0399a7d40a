-- An agency flight's cost is its days' cost. A row is a flight whose money was lost or doubled when it was spread. A
-- rent by the month is no total, and has a unit test instead.
{{ config(
    severity='error', enabled=is_on('offline'),
    meta={'dagster': {'ref': {'name': 'int_offline__flight_daily'}}},
) }}

with sheet as (

    select
        flight_id,
        coalesce(net_cost, gross_cost * (1 - commission_rate)) as spend
    from {{ source('offline', 'media_flights') }}
    where status in ({{ spent_flight_statuses() }}) and coalesce(cost_per, 'flight') = 'flight'

),

spread as (

    select
        campaign_id as flight_id,
        sum(spend_local) as spend
    from {{ ref('int_offline__flight_daily') }}
    group by campaign_id

)

select
    sheet.flight_id,
    sheet.spend as spend_in,
    spread.spend as spend_out,
    'offline: flight ' || sheet.flight_id || ' costs ' || round(cast(sheet.spend as numeric), 2) || ' in the sheet and '
    || round(cast(coalesce(spread.spend, 0) as numeric), 2) || ' over its days. Look at the days that it has in '
    || 'int_offline__flight_days.' as message
from sheet
left join spread on sheet.flight_id = spread.flight_id
where abs(sheet.spend - coalesce(spread.spend, 0)) >= 0.005
