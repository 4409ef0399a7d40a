-- LinkedIn's report by month and country leaves out countries with a handful of members, so a month's days cost as much
-- or more. A row is a month within the days delivered that costs more than its days: days are missing or were restated.
{{ config(
    severity='warn',
    enabled=is_on('linkedin_ads'),
    meta={'dagster': {'ref': {'name': 'stg_linkedin_ads__campaign_daily'}}},
) }}

with days as (

    select * from {{ ref('stg_linkedin_ads__campaign_daily') }}

),

delivered as (

    select
        min(date_day) as first_day,
        max(date_day) as last_day
    from days

),

by_day as (

    select
        campaign_id,
        cast(date_trunc('month', date_day) as date) as month_start,
        sum(spend_local) as spend_local
    from days
    group by campaign_id, month_start

),

by_country as (

    select
        campaign_id,
        month_start,
        sum(spend_local) as spend_local
    from {{ ref('stg_linkedin_ads__member_country_monthly') }}
    group by campaign_id, month_start

)

select
    by_country.campaign_id,
    by_country.month_start,
    'linkedin_ads campaign ' || by_country.campaign_id || ': the month of ' || by_country.month_start || ' costs '
    || round(cast(by_country.spend_local as numeric), 2) || ' by country and '
    || round(cast(coalesce(by_day.spend_local, 0) as numeric), 2)
    || ' by day. Deliver ad_analytics_by_campaign of that month again.' as message
from by_country
cross join delivered
left join by_day on by_country.campaign_id = by_day.campaign_id and by_country.month_start = by_day.month_start
where
    by_country.month_start >= delivered.first_day
    and by_country.month_start + interval '1 month' - interval '1 day' <= delivered.last_day
    and by_country.spend_local > coalesce(by_day.spend_local, 0) * 1.01
