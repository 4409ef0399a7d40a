with source as (

    select * from {{ source('shopify', 'order') }}

),

newest as (

    {{ latest_version('source', key=['id'], newest_first=['updated_at desc', '_loaded_at desc']) }}

),

renamed as (

    select
        cast(id as varchar) as order_id,
        cast(customer_id as varchar) as customer_id,
        coalesce(processed_at, created_at) as ordered_at_utc,
        upper(currency) as currency,
        upper(shipping_address_country_code) as shipping_country_code,
        total_price as total_price_local,
        coalesce(test, false) as is_test,
        cancelled_at is not null as is_cancelled,
        coalesce(_fivetran_deleted, false) as is_deleted
    from newest

)

select * from renamed
