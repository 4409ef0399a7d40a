-- A flight's cost is spread over its days, to the cent. A row is a step where money was lost or doubled.
{{ config(severity='error') }}

{{ spend_in_equals_spend_out(
    'offline',
    'select net_cost as spend_local from ' ~ source('offline', 'media_flights')
    ~ ' where lower(status) in (' ~ spent_flight_statuses() ~ ')'
) }}
