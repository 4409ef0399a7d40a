with source as (

    select * from {{ source('shopify', 'refund') }}

),

newest as (

    {{ latest_version(
        'source',
        key=['id'],
        newest_first=['_fivetran_synced desc nulls last', '_loaded_at desc'],
    ) }}

),

renamed as (

    select
        cast(id as varchar) as refund_id,
        cast(order_id as varchar) as order_id,
        coalesce(processed_at, created_at) as refunded_at_utc
    from newest

)

select * from renamed
