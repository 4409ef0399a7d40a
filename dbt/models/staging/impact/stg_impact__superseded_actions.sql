{{ config(enabled=is_on('impact')) }}

select
    cast(event_date as date) as day_utc,
    _superseded_at
from {{ source('impact_superseded', 'actions') }}
