{{ config(enabled=is_on('dv360')) }}

-- The line item is the campaign: its type tells YouTube from display.
select
    filter_advertiser as account_id,
    filter_line_item as campaign_id,
    {{ grouped_name('filter_insertion_order_name', 'filter_line_item_name') }} as campaign_name,
    filter_line_item_type as campaign_type,
    filter_advertiser_currency as account_currency,
    filter_advertiser_timezone as report_timezone,
    filter_date as date_day,
    metric_revenue_advertiser as spend_local,
    coalesce(metric_impressions, 0) as impressions,
    coalesce(metric_clicks, 0) as clicks,
    -- A YouTube report has none beside its other figures: unknown, not 0.
    metric_total_conversions as platform_conversions
from {{ source('dv360', 'line_item_report') }}
