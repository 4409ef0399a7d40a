with source as (

    select * from {{ source('google_ads', 'campaign_history') }}

),

newest as (

    {{ latest_version('source', key=['id'], newest_first=['updated_at desc', '_loaded_at desc']) }}

),

renamed as (

    select
        cast(id as varchar) as campaign_id,
        cast(customer_id as varchar) as account_id,
        name as campaign_name,
        advertising_channel_type as campaign_type
    from newest

)

select * from renamed
