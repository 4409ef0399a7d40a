-- The windows and entities of a day of an ad group repeat one cost, which is why one of them is taken. A row is a day
-- of which they tell several: then what was taken may not be what was spent.
{{ config(severity='warn', enabled=is_on('trade_desk')) }}

select
    ad_group_id,
    date_utc,
    'trade_desk ad group ' || ad_group_id || ' on ' || date_utc || ': ' || count(*) || ' rows of one day tell costs '
    || 'from ' || min(advertiser_cost_adv_currency) || ' to ' || max(advertiser_cost_adv_currency) || ' (windows of '
    || min(lookback_days) || ' to ' || max(lookback_days) || ' days). The shortest window is counted: compare it with '
    || 'the platform''s own figure, and deliver one window only.' as message
from {{ source('trade_desk', 'dimension_specific_time_and_day_report') }}
group by ad_group_id, date_utc
having max(advertiser_cost_adv_currency) - min(advertiser_cost_adv_currency) >= 0.005
