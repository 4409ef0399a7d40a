{{ config(enabled=is_on('klaviyo')) }}

select
    id as metric_id,
    name as metric_name
from {{ source('klaviyo', 'metric') }}
