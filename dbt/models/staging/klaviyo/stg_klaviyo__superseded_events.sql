{{ config(enabled=is_on('klaviyo')) }}

select
    cast(datetime as date) as day_utc,
    _superseded_at
from {{ source('klaviyo_superseded', 'event') }}
