with seeded as (

    select * from {{ ref('channels') }}

),

-- A weekly file names its channels itself; the seed has the last word on those it knows.
from_files as (

    select distinct name as channel
    from {{ ref('int_observations__converted') }}
    where role = 'spend' and name not in (select seeded.channel from seeded)

)

select
    cast(channel as varchar) as channel,
    cast(channel_name as varchar) as channel_name,
    cast(channel_group as varchar) as channel_group,
    cast(cost_model as varchar) as cost_model,
    cast(is_plannable as boolean) as is_plannable,
    cast(is_endogenous as boolean) as is_endogenous
from seeded
union all
select
    cast(channel as varchar) as channel,
    cast(channel as varchar) as channel_name,
    'weekly file' as channel_group,
    'unknown' as cost_model,
    true as is_plannable,
    false as is_endogenous
from from_files
