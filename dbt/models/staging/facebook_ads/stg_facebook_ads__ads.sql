with source as (

    select * from {{ source('facebook_ads', 'ad_history') }}

),

newest as (

    {{ latest_version('source', key=['id'], newest_first=['updated_time desc', '_loaded_at desc']) }}

),

renamed as (

    select
        cast(id as varchar) as ad_id,
        cast(account_id as varchar) as account_id,
        cast(campaign_id as varchar) as campaign_id
    from newest

)

select * from renamed
