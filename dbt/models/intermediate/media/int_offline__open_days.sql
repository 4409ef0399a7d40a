{{ config(enabled=is_on('offline'), materialized='view') }}

-- A flight that the agency has not confirmed is money of unknown amount.
select distinct
    market,
    date_day
from {{ ref('int_offline__flight_days') }}
where is_open
