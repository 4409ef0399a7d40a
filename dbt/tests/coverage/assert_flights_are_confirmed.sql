-- A plan that never became actual keeps its weeks waiting. A row is a flight that was over when the sheet was last
-- changed, and is still planned or booked.
{{ config(severity='warn', enabled=is_on('offline')) }}

with flights as (

    select * from {{ ref('stg_offline__media_flights') }}

),

sheet as (

    select max(updated_at) as changed_at
    from flights

)

select
    flights.flight_id,
    'offline: flight ' || flights.flight_id || ' (' || flights.channel_label || ', ' || flights.market || ') ended on '
    || flights.last_day || ' and is still ' || flights.status || ': weeks from that of ' || flights.first_day
    || ' on wait for its cost. Deliver it as actual, or as cancelled if it did not run.' as message
from flights
cross join sheet
where flights.is_open and flights.last_day < cast(sheet.changed_at as date)
