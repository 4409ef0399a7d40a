{{ config(enabled=is_on('linkedin_ads')) }}

select
    campaign_id,
    cast(month || '-01' as date) as month_start,
    member_country,
    cost_in_local_currency as spend_local
from {{ source('linkedin_ads', 'monthly_ad_analytics_by_member_country') }}
