-- The days that each feed has delivered, from the load log: the union over its files of first to last day. A list that
-- catches up with what it missed has no hole: a weekend without a deal brings no file, and is delivered with the next.
with loads as (

    select * from {{ ref('stg_raw_meta__loads') }}
    where first_day is not null and last_day is not null

),

feeds as (

    select * from {{ ref('feeds') }}
    where clock <> 'register'

),

delivered as (

    select
        feeds.source,
        feeds.clock,
        loads.first_day,
        loads.last_day
    from loads
    inner join feeds on loads.source_name = feeds.source and loads.table_name = feeds.feed_table

),

spans as (

    select
        source,
        first_day,
        last_day
    from delivered
    where clock <> 'caught_up'
    union all
    select
        source,
        min(first_day) as first_day,
        max(last_day) as last_day
    from delivered
    where clock = 'caught_up'
    group by source

),

days as (

    select
        source,
        {{ each_day('first_day', 'last_day') }} as date_day
    from spans

)

select distinct
    source,
    date_day
from days
