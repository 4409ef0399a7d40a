{{ config(enabled=is_on('fred'), materialized='view') }}

-- The newest release of each period counts. One that says that there is no figure leaves none.
select
    market,
    first_day as date_day,
    control,
    value
from {{ ref('int_fred__releases') }}
where known_until is null and value is not null
