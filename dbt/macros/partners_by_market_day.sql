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

-- Many partners sell in one quarter of an hour: its day is worked out once.
moments as (

    select distinct
        account_id,
        quarter_hour_utc
    from slots

),

dated as (

    select
        moments.account_id,
        moments.quarter_hour_utc,
        accounts.market,
        {{ reporting_day('moments.quarter_hour_utc', "coalesce(accounts.market_timezone, 'UTC')") }} as date_day
    from moments
    left join accounts on moments.account_id = accounts.account_id

)

select
    slots.account_id,
    slots.partner_id as campaign_id,
    -- A partner that was renamed is one campaign.
    max(max(slots.partner_name)) over (partition by slots.account_id, slots.partner_id) as campaign_name,
    cast(null as varchar) as campaign_type,
    dated.market,
    slots.account_currency as currency,
    dated.date_day,
    sum(slots.spend_local) as spend_local,
    sum(slots.provisional_local) as provisional_local,
    cast(sum(slots.platform_conversions) as bigint) as platform_conversions
from slots
inner join dated on slots.account_id = dated.account_id and slots.quarter_hour_utc = dated.quarter_hour_utc
group by slots.account_id, slots.partner_id, dated.market, slots.account_currency, dated.date_day
{%- endmacro %}
