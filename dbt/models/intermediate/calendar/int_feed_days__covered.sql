-- The days that each feed has delivered, from the load log: the union over its files of first to last day.
with loads as (

    select * from {{ ref('stg_raw_meta__loads') }}
    where first_day is not null and last_day is not null

),

feeds as (

    select * from {{ ref('feeds') }}
    where clock <> 'register'

),

days as (

    select
        feeds.source,
        {{ each_day('loads.first_day', 'loads.last_day') }} as date_day
    from loads
    inner join feeds on loads.source_name = feeds.source and loads.table_name = feeds.feed_table

)

select distinct
    source,
    date_day
from days
