-- An agency flight's cost is its days' cost. A row is a sheet whose money was lost or doubled when it was spread.
{{ config(
    severity='error', enabled=is_on('offline'),
    meta={'dagster': {'ref': {'name': 'int_offline__flight_daily'}}},
) }}

with sheet as (

    select sum(net_cost) as spend
    from {{ source('offline', 'media_flights') }}
    where lower(status) in ({{ spent_flight_statuses() }})

),

spread as (

    select sum(spend_local) as spend
    from {{ ref('int_offline__flight_daily') }}

)

select
    sheet.spend as spend_in,
    spread.spend as spend_out,
    'offline: the sheet holds ' || round(cast(coalesce(sheet.spend, 0) as numeric), 2) || ' and its days '
    || round(cast(coalesce(spread.spend, 0) as numeric), 2)
    || ', row currencies added up. Look for flights of no or too many days.' as message
from sheet
cross join spread
where abs(coalesce(sheet.spend, 0) - coalesce(spread.spend, 0)) >= 0.005
