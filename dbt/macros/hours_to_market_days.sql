{#
  A platform that counts UTC hours, by campaign and day of the market. Eight in the evening in New York is already the
  next day in UTC, so each hour is put on the market's own day before anything is summed.
#}
{% macro hours_to_market_days(source, hourly, campaigns) -%}
with hours as (

    select * from {{ hourly }}

),

campaigns as (

    select * from {{ campaigns }}

),

accounts as (

    select * from {{ ref('int_accounts__located') }}
    where source = '{{ source }}'

),

dated as (

    select
        coalesce(campaigns.account_id, 'unknown') as account_id,
        hours.campaign_id,
        campaigns.campaign_name,
        campaigns.campaign_type,
        accounts.market,
        accounts.currency,
        {{ reporting_day('hours.hour_utc', "coalesce(accounts.market_timezone, 'UTC')") }} as date_day,
        hours.spend_local,
        hours.impressions,
        hours.clicks,
        hours.platform_conversions
    from hours
    left join campaigns on hours.campaign_id = campaigns.campaign_id
    left join accounts on campaigns.account_id = accounts.account_id

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
    sum(impressions) as impressions,
    sum(clicks) as clicks,
    sum(platform_conversions) as platform_conversions
from dated
group by 1, 2, 3, 4, 5, 6, 7
{%- endmacro %}
