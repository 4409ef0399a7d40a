{{ config(enabled=is_on('holidays'), materialized='view') }}

-- A day is a holiday or it is not, however many it is called by. Those of a region count where the market names it.
select distinct
    markets.market,
    holidays.date_day,
    'holidays' as control,
    cast(1 as double precision) as value
from {{ ref('stg_holidays__public_holidays') }} as holidays
inner join {{ ref('markets') }} as markets
    on
        holidays.region_code = markets.country_code
        or holidays.region_code = markets.country_code || '-' || markets.subdivision
