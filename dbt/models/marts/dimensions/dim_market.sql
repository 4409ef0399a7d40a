with seeded as (

    select * from {{ ref('markets') }}

),

from_files as (

    select
        market,
        max(currency) as currency
    from {{ ref('int_observations__converted') }}
    where market not in (select seeded.market from seeded)
    group by market

)

select
    cast(market as varchar) as market,
    cast(market_name as varchar) as market_name,
    cast(currency as varchar) as currency,
    cast('{{ var("reporting_currency") }}' as varchar) as reporting_currency,
    cast(timezone as varchar) as timezone,
    cast(country_code as varchar) as country_code
from seeded
union all
select
    cast(market as varchar) as market,
    cast(market as varchar) as market_name,
    cast(currency as varchar) as currency,
    cast('{{ var("reporting_currency") }}' as varchar) as reporting_currency,
    cast(null as varchar) as timezone,
    cast(null as varchar) as country_code
from from_files
