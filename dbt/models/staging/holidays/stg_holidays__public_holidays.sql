{{ config(enabled=is_on('holidays')) }}

-- A government moves a holiday, and the next edition of the package knows it: of each country's year only the edition
-- that came last counts, or the day would be a holiday twice.
with listed as (

    select
        *,
        extract(year from date) as holiday_year
    from {{ source('holidays', 'public_holiday') }}

),

compared as (

    select
        *,
        first_value(coalesce(edition, 'none')) over (
            partition by country, holiday_year
            order by _loaded_at desc, _source_file desc, edition desc nulls last
        ) as newest_edition
    from listed

)

select
    country as region_code,
    date as date_day,
    holiday
from compared
where coalesce(edition, 'none') = newest_edition
