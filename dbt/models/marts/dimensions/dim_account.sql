with accounts as (

    select * from {{ ref('int_accounts__located') }}

),

feeds as (

    select * from {{ ref('feeds') }}

)

select
    cast(accounts.source as varchar) as source,
    cast(accounts.account_id as varchar) as account_id,
    cast(accounts.market as varchar) as market,
    cast(accounts.located_by as varchar) as located_by,
    cast(accounts.currency as varchar) as currency,
    cast(accounts.report_timezone as varchar) as report_timezone,
    cast(accounts.market_timezone as varchar) as market_timezone,
    -- Hours are put on the market's day, so only a platform that counts days can count other ones.
    feeds.clock = 'account_day'
    and coalesce(accounts.report_timezone <> accounts.market_timezone, false) as counts_other_days
from accounts
left join feeds on accounts.source = feeds.source
