{{ config(enabled=is_on('offline')) }}

{{ flights_of(source('offline', 'media_flights')) }}
