-- Spend in = spend out for The Trade Desk, whose report holds each day of an ad group once a window and source entity.
-- A row is a sum that differs: a day was lost, or counted once a window.
{{ config(
    severity='error',
    enabled=is_on('trade_desk'),
    meta={'dagster': {'ref': {'name': 'int_media__daily_converted'}}},
) }}

-- Where windows or entities tell different costs, the first one's counts, and another test says so.
with days as (

    select
        ad_group_id,
        date_utc,
        {{ value_at_first('advertiser_cost_adv_currency', 'lookback_days', 'source_entity_id', 'true') }} as spend
    from {{ source('trade_desk', 'dimension_specific_time_and_day_report') }}
    group by ad_group_id, date_utc

),

exported as (

    select sum(spend) as spend
    from days

),

converted as (

    select sum(spend_local) as spend
    from {{ ref('int_media__daily_converted') }}
    where source = 'trade_desk'

)

select
    exported.spend as spend_in,
    converted.spend as spend_out,
    'trade_desk: one window of the export holds ' || round(cast(coalesce(exported.spend, 0) as numeric), 2)
    || ' and int_media__daily_converted ' || round(cast(coalesce(converted.spend, 0) as numeric), 2)
    || ', advertiser currencies added up. Compare stg_trade_desk__campaign_daily with the report by day.' as message
from exported
cross join converted
where abs(coalesce(exported.spend, 0) - coalesce(converted.spend, 0)) >= 0.005
