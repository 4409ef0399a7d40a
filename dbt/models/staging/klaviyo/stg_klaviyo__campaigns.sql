{{ config(enabled=is_on('klaviyo')) }}

select
    id as campaign_id,
    name as campaign_name
from {{ source('klaviyo', 'campaign') }}
