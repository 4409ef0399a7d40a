with source as (

    select * from {{ source('shopify', 'order_line_refund') }}

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
        cast(id as varchar) as order_line_refund_id,
        cast(refund_id as varchar) as refund_id,
        subtotal + coalesce(total_tax, 0) as refund_local
    from newest

)

select * from renamed
