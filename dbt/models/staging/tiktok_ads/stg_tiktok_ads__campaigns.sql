{{ config(enabled=is_on('tiktok_ads')) }}

with source as (

    select * from {{ source('tiktok_ads', 'campaign_history') }}

),

newest as (

    {{ latest_version('source', key=['campaign_id'], newest_first=['updated_at desc', '_loaded_at desc']) }}

),

renamed as (

    select
        cast(campaign_id as varchar) as campaign_id,
        cast(advertiser_id as varchar) as account_id,
        campaign_name,
        objective_type as campaign_type
    from newest

)

select * from renamed
