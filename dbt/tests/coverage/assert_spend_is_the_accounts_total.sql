-- Campaigns add up to what the platform says that the account spent. A row is a week in which they do not.
{{ config(severity='warn') }}

select
    source,
    market,
    week_start,
    source || ' in market ' || market || ', week of ' || week_start || ': campaigns add up to '
    || round(cast(account_total_spend + spend_gap as numeric), 2) || ' and the platform''s own total is '
    || round(cast(account_total_spend as numeric), 2) || ' {{ var("reporting_currency") }} ('
    || round(cast(100 * spend_gap / account_total_spend as numeric), 1)
    || ' %). Campaigns may be missing from the export, or the total tells days of another time zone.' as message
from {{ ref('fct_source_coverage') }}
where abs(spend_gap) > {{ var('spend_gap_warned') }} * account_total_spend
