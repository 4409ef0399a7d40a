{{ config(enabled=is_on('hubspot')) }}

with deals as (

    select * from {{ source('hubspot', 'deal') }}

),

pipelines as (

    select * from {{ source('hubspot', 'deal_pipeline') }}

),

stages as (

    select * from {{ source('hubspot', 'deal_pipeline_stage') }}

),

merged as (

    select distinct merged_deal_id from {{ source('hubspot', 'merged_deal') }}

)

select
    deals.deal_id,
    deals.portal_id,
    deals.deal_pipeline_id as pipeline_id,
    pipelines.label as pipeline_name,
    cast(null as varchar) as record_type_id,
    deals.property_dealtype as deal_type,
    cast(null as varchar) as lead_source,
    deals.property_createdate as created_at_utc,
    deals.property_closedate as closed_at_utc,
    cast(null as date) as closed_on,
    deals.property_amount as amount_local,
    upper(deals.property_deal_currency_code) as currency,
    -- Every company calls its stages as it likes; the flag tells which of them is a won deal.
    coalesce(stages.closed_won, stages.is_closed and stages.probability = 1, false) as is_won,
    -- A deal that was merged into another is counted there.
    not coalesce(deals.is_deleted, false)
    and not coalesce(deals._fivetran_deleted, false)
    and merged.merged_deal_id is null as counts,
    deals._loaded_at
from deals
left join pipelines on deals.deal_pipeline_id = pipelines.pipeline_id
left join stages on deals.deal_pipeline_stage_id = stages.stage_id
left join merged on deals.deal_id = merged.merged_deal_id
