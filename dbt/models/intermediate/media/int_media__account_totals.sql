{#- What each platform says that its accounts spent, from another report than the one that its campaigns come from. -#}
with totals as ( -- noqa: disable=LT02,LT05

    select
        cast(null as varchar) as source,
        cast(null as varchar) as account_id,
        cast(null as date) as date_day,
        cast(null as double precision) as spend_local
    where false
{%- for platform in media_platforms() | selectattr('totals') %}
    union all
    select
        '{{ platform.source }}' as source,
        account_id,
        date_day,
        spend_local
    from {{ ref(platform.totals) }}
{%- endfor %}

), -- noqa: enable=all

accounts as (

    select * from {{ ref('int_accounts__located') }}

),

rates as (

    select * from {{ ref('stg_fx__rates') }}
    where reporting_currency = '{{ var("reporting_currency") }}'

)

select
    totals.source,
    totals.account_id,
    coalesce(accounts.market, 'unmapped') as market,
    totals.date_day,
    {{ week_start('totals.date_day') }} as week_start,
    totals.spend_local,
    totals.spend_local * {{ rate_to_reporting('accounts.currency', 'rates.rate') }} as spend
from totals
left join accounts on totals.source = accounts.source and totals.account_id = accounts.account_id
left join rates on accounts.currency = rates.currency and totals.date_day = rates.date_day
