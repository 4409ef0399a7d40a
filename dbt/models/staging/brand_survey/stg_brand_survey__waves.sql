{{ config(enabled=is_on('brand_survey')) }}

select
    panel_provider,
    market,
    metric,
    wave_start,
    wave_end,
    coalesce(share, percent / 100.0) as value,
    sample_size,
    question
from {{ source('brand_survey', 'waves') }}
