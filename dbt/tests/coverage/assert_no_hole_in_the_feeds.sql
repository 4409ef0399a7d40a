-- A week inside the range that a feed did not deliver is left out of mmm_input_weekly, and a model of that market will
-- refuse the gap. A row is such a week. The trailing weeks are no hole: they are still being delivered.
{{ config(severity='warn') }}

select
    market,
    week_start,
    gaps,
    'Week of ' || week_start || ' in market ' || market || ' is incomplete and left out of mmm_input_weekly: ' || gaps
    || '. Deliver the missing days again, or give the account active_from or active_to in '
    || 'dbt/seeds/map_accounts.csv if it did not run then.' as message
from {{ ref('dim_week') }}
where not is_model_ready and not is_trailing
