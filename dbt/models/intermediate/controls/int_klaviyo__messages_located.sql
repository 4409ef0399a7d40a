{{ config(enabled=is_on('klaviyo'), materialized='view') }}

-- Messages by sender, account and quarter of an hour, each with its market: what a rule of map_messages says of the
-- campaign or flow, else the account's market, else the only one there is.
with slots as (

    select * from {{ ref('int_klaviyo__event_slots') }}
    where events > 0

),

metrics as (

    select * from {{ ref('stg_klaviyo__metrics') }}

),

senders as (

    select
        'campaign' as sent_by,
        campaign_id as sender_id,
        campaign_name as sender_name
    from {{ ref('stg_klaviyo__campaigns') }}
    union all
    select
        'flow' as sent_by,
        flow_id as sender_id,
        flow_name as sender_name
    from {{ ref('stg_klaviyo__flows') }}

),

rules as (

    select * from {{ ref('map_messages') }}
    where source = 'klaviyo'

),

matches as (

    select
        senders.sent_by,
        senders.sender_id,
        rules.market,
        row_number() over (partition by senders.sent_by, senders.sender_id order by rules.priority) as match_rank
    from senders
    inner join rules
        on
            rules.match_field = senders.sent_by || '_name'
            and lower(senders.sender_name) like lower(rules.pattern)

),

accounts as (

    select * from {{ ref('int_accounts__located') }}
    where source = 'klaviyo'

),

only_one as (

    select case when count(*) = 1 then min(market) end as market
    from {{ ref('markets') }}

),

kinds as (

    select
        named.metric_name,
        named.message
    from (
        values
        ('received email', 'email_received'),
        ('opened email', 'email_opened'),
        ('clicked email', 'email_clicked'),
        ('received sms', 'sms_received'),
        ('clicked sms', 'sms_clicked')
    ) as named (metric_name, message)

)

select
    slots.account_id,
    slots.quarter_hour_utc,
    slots.sent_by,
    slots.sender_id,
    kinds.message,
    slots.events,
    coalesce(matches.market, accounts.market, only_one.market, 'unmapped') as market
from slots
cross join only_one
left join metrics on slots.metric_id = metrics.metric_id
inner join kinds on lower(coalesce(metrics.metric_name, slots.event_type)) = kinds.metric_name
left join matches on slots.sent_by = matches.sent_by and slots.sender_id = matches.sender_id and matches.match_rank = 1
left join accounts on slots.account_id = accounts.account_id
