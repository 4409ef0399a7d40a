{{ config(enabled=is_on('klaviyo')) }}

select
    id as flow_id,
    name as flow_name
from {{ source('klaviyo', 'flow') }}
