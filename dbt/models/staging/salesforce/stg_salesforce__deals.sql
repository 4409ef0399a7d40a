{{ config(enabled=is_on('salesforce')) }}

select
    id as deal_id,
    cast(null as varchar) as portal_id,
    cast(null as varchar) as pipeline_id,
    cast(null as varchar) as pipeline_name,
    record_type_id,
    type as deal_type,
    lead_source,
    created_date as created_at_utc,
    cast(null as timestamp) as closed_at_utc,
    close_date as closed_on,
    amount as amount_local,
    upper(currency_iso_code) as currency,
    coalesce(is_won, false) as is_won,
    -- History mode ends the last state of what was deleted and begins no other.
    not coalesce(is_deleted, false) and coalesce(_fivetran_active, true) as counts,
    _loaded_at
from {{ source('salesforce', 'opportunity') }}
