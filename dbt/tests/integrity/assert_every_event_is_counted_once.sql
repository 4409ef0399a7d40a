-- Every Klaviyo event that was not deleted is in the sums once. A row is a sum that differs: an incremental table has
-- missed a load.
{{ config(
    severity='error', enabled=is_on('klaviyo'),
    meta={'dagster': {'ref': {'name': 'int_klaviyo__event_slots'}}},
) }}

with events as (

    select count(*) as events
    from {{ ref('stg_klaviyo__events') }}
    where counts

),

slots as (

    select coalesce(sum(events), 0) as events
    from {{ ref('int_klaviyo__event_slots') }}

)

select
    'klaviyo: the export holds ' || events.events || ' events and int_klaviyo__event_slots ' || slots.events
    || '. Build it with --full-refresh.' as message
from events
cross join slots
where events.events <> slots.events
