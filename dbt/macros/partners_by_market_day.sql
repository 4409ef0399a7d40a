{#
  What an affiliate network's partners cost, by partner and day of the market, from sums by quarter of an hour. The day
  is that of the sale, whenever the commission is approved or paid.
#}
{% macro partners_by_market_day(source, slots) -%}
with slots as (

    select * from {{ slots }}
    -- A day that lost its last action has a row without an account.
    where account_id is not null

),

accounts as (

    select * from {{ ref('int_accounts__located') }}
    where source = '{{ source }}'

),

dated as (

    select
        slots.*,
        accounts.market,
        {{ reporting_day('slots.quarter_hour_utc', "coalesce(accounts.market_timezone, 'UTC')") }} as date_day
    from slots
    left join accounts on slots.account_id = accounts.account_id

)

select
    account_id,
    partner_id as campaign_id,
    -- A partner that was renamed is one campaign.
    max(max(partner_name)) over (partition by account_id, partner_id) as campaign_name,
    cast(null as varchar) as campaign_type,
    market,
    account_currency as currency,
    date_day,
    sum(spend_local) as spend_local,
    sum(provisional_local) as provisional_local,
    sum(platform_conversions) as platform_conversions
from dated
group by account_id, partner_id, market, account_currency, date_day
{%- endmacro %}
