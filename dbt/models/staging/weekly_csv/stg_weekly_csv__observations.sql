with source as (

    select * from {{ source('weekly_csv', 'observations') }}

),

newest as (

    {{ latest_version(
        'source',
        key=['dataset', 'week_start', 'market', 'role', 'name'],
        newest_first=['_loaded_at desc'],
    ) }}

),

renamed as (

    select
        dataset,
        cast(week_start as date) as week_start,
        market,
        role,
        name,
        value as value_local,
        upper(currency) as currency
    from newest

)

select * from renamed
