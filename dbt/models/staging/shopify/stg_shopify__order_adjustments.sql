with source as (

    select * from {{ source('shopify', 'order_adjustment') }}

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
        cast(id as varchar) as order_adjustment_id,
        cast(refund_id as varchar) as refund_id,
        cast(order_id as varchar) as order_id,
        -- The export writes money given back as a negative amount; here a refund is positive.
        -1 * (amount + coalesce(tax_amount, 0)) as refund_local
    from newest

)

select * from renamed
