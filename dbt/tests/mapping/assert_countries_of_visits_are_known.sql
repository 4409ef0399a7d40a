-- A country that the seed does not know is no market's, and its visits are missing from the controls. A row is such a
-- country.
{{ config(
    severity='warn',
    enabled=is_on('ga4'),
    meta={'dagster': {'ref': {'name': 'int_ga4__session_days_summed'}}},
) }}

select
    sessions.country_name,
    'ga4: ' || sum(sessions.sessions) || ' sessions from ' || sessions.country_name || ', which no row of '
    || 'dbt/seeds/country_names.csv names. Add the name with its ISO code.' as message
from {{ ref('int_ga4__session_days_summed') }} as sessions
left join {{ ref('country_names') }} as country_names
    on lower(sessions.country_name) = lower(country_names.country_name)
where country_names.country_code is null and sessions.country_name <> '(not set)'
group by sessions.country_name
