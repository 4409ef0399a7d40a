with accounts as (

    select * from {{ ref('int_accounts__located') }}

),

feeds as (

    select * from {{ ref('feeds') }}

),

known_zones as (

    select name from pg_timezone_names()

),

-- Clocks are compared and not names: US/Eastern is New York, and Etc/GMT+5 is in winter only.
compared as (

    select
        accounts.*,
        case
            when known_zones.name is not null
                then greatest(
                    {{ hours_apart('accounts.report_timezone', 'accounts.market_timezone', "timestamp '2024-01-15'") }},
                    {{ hours_apart('accounts.report_timezone', 'accounts.market_timezone', "timestamp '2024-07-15'") }}
                )
        end as hours_off
    from accounts
    left join known_zones on accounts.report_timezone = known_zones.name

)

select
    cast(compared.source as varchar) as source,
    cast(compared.account_id as varchar) as account_id,
    cast(compared.market as varchar) as market,
    cast(compared.located_by as varchar) as located_by,
    cast(compared.currency as varchar) as currency,
    cast(compared.report_timezone as varchar) as report_timezone,
    cast(compared.market_timezone as varchar) as market_timezone,
    cast(compared.hours_off as double precision) as hours_off,
    -- Hours are put on the market's day, so only a platform that counts days can count other ones.
    feeds.clock = 'account_day'
    and coalesce(compared.hours_off > 0, compared.report_timezone <> compared.market_timezone, false)
        as counts_other_days
from compared
left join feeds on compared.source = feeds.source
