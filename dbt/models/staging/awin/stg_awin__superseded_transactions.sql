{{ config(enabled=is_on('awin')) }}

select
    cast(transaction_date as date) as day_utc,
    _superseded_at
from {{ source('awin_superseded', 'transaction') }}
