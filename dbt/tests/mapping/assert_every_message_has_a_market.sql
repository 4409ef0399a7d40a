-- A row is a Klaviyo account whose messages belong to no market.
{{ config(
    severity='error', enabled=is_on('klaviyo'),
    meta={'dagster': {'ref': {'name': 'int_klaviyo__control_daily'}}},
) }}

select
    account_id,
    'klaviyo: ' || sum(events) || ' messages of account ' || account_id || ', received, opened or clicked from '
    || min(cast(quarter_hour_utc as date)) || ' on, belong to no market. '
    || case
        when account_id = 'unknown'
            then
                'The export names no account: if all of it is one market''s, give the account `unknown` that market '
                || 'in dbt/seeds/map_accounts.csv; if there are several, add a column account_id to their exports. '
        else 'Add the account to dbt/seeds/map_accounts.csv. '
    end
    || 'Where names of campaigns and flows tell the market, add rules to dbt/seeds/map_messages.csv.' as message
from {{ ref('int_klaviyo__messages_located') }}
where market = 'unmapped'
group by account_id
