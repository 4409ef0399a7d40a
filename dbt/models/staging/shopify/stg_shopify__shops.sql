with source as (

    select * from {{ source('shopify', 'shop') }}

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
        cast(id as varchar) as shop_id,
        upper(currency) as currency,
        iana_timezone as shop_timezone,
        upper(country_code) as country_code
    from newest

)

select * from renamed
