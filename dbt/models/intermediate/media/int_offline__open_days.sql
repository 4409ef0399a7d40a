{{ config(enabled=is_on('offline'), materialized='view') }}

-- A flight that the agency has not confirmed is money of unknown amount.
select distinct
    market,
    {{ each_day('flight_start', 'flight_end') }} as date_day
from {{ ref('stg_offline__media_flights') }}
where status not in ({{ spent_flight_statuses() }})
