{{ config(enabled=is_on('facebook_ads')) }}

with source as (

    select * from {{ source('facebook_ads', 'campaign_history') }}

),

newest as (

    {{ latest_version('source', key=['id'], newest_first=['updated_time desc', '_loaded_at desc']) }}

),

renamed as (

    select
        cast(id as varchar) as campaign_id,
        cast(account_id as varchar) as account_id,
        name as campaign_name,
        objective as campaign_type
    from newest

)

select * from renamed
