{#
  A platform that counts UTC hours, by campaign and day of the market. Eight in the evening in New York is already the
  next day in UTC, so each hour is put on the market's own day before anything is summed.
#}
{% macro hours_to_market_days(source, hourly, campaigns, accounts) -%}
with hours as (

    select * from {{ hourly }}

),

campaigns as (

    select * from {{ campaigns }}

),

accounts as (

    select * from {{ accounts }}

),

located as (

    select * from {{ ref('int_accounts__located') }}
    where source = '{{ source }}'

),

placed as (

    select
        hours.*,
        coalesce(campaigns.account_id, {{ only_account('accounts', 'account_id') }}, 'unknown') as account_id,
        campaigns.campaign_name,
        campaigns.campaign_type
    from hours
    left join campaigns on hours.campaign_id = campaigns.campaign_id

),

dated as (

    select
        placed.account_id,
        placed.campaign_id,
        placed.campaign_name,
        placed.campaign_type,
        located.market,
        located.currency,
        {{ reporting_day('placed.hour_utc', "coalesce(located.market_timezone, 'UTC')") }} as date_day,
        placed.spend_local,
        placed.impressions,
        placed.clicks,
        placed.platform_conversions
    from placed
    left join located on placed.account_id = located.account_id

)

select
    account_id,
    campaign_id,
    campaign_name,
    campaign_type,
    market,
    currency,
    date_day,
    sum(spend_local) as spend_local,
    cast(sum(impressions) as bigint) as impressions,
    cast(sum(clicks) as bigint) as clicks,
    sum(platform_conversions) as platform_conversions
from dated
group by 1, 2, 3, 4, 5, 6, 7
{%- endmacro %}
