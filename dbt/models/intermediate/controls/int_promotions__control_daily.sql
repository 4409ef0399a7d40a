{{ config(enabled=is_on('promotions'), materialized='view') }}

-- Nobody gets two reductions of one price: of promotions that overlap the deepest counts.
with days as (

    select
        market,
        discount,
        {{ each_day('first_day', 'last_day') }} as date_day
    from {{ ref('stg_promotions__promotions') }}

)

select
    market,
    date_day,
    'promotion' as control,
    max(discount) as value
from days
group by market, date_day
