with source as (

    select * from {{ source('raw_meta', 'loads') }}

),

renamed as (

    select
        batch_id,
        source as source_name,
        table_name,
        source_file,
        cast(min_date as date) as first_day,
        cast(max_date as date) as last_day,
        rows_merged,
        loaded_at
    from source

)

select * from renamed
