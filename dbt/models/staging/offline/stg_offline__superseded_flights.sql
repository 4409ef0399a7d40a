{{ config(enabled=is_on('offline')) }}

{{ flights_of(source('offline_superseded', 'media_flights')) }}
