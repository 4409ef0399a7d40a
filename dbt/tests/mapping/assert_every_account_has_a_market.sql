-- A row is an account (or agency-sheet market) whose spend belongs to no market.
{{ config(severity='error', meta={'dagster': {'ref': {'name': 'int_media__daily_converted'}}}) }}

with spend as (

    select
        source,
        account_id,
        currency,
        min(campaign_id) as example_campaign,
        sum(spend_local) as spend
    from {{ ref('int_media__daily_converted') }}
    where market = 'unmapped'
    group by source, account_id, currency

),

offline_markets as (

    select
        market,
        sum(spend_local) as spend
    from {{ ref('int_media__daily_converted') }}
    where source = 'offline' and market not in (select markets.market from {{ ref('markets') }} as markets)
    group by market

)

select
    source || ' account ' || account_id || ' (currency ' || coalesce(currency, 'unknown') || ', for example campaign '
    || example_campaign || ') has no market: ' || round(cast(spend as numeric), 2) || ' of spend belong to nobody. '
    || case
        when account_id = 'unknown'
            then
                'Nothing that was delivered tells the account of these campaigns (were they deleted?): deliver the '
                || 'histories of the source again, or give the account `unknown` a market in '
        else 'Add the account to '
    end || 'dbt/seeds/map_accounts.csv.' as message
from spend
union all
select
    'offline: market ' || market || ' of the agency sheet is unknown: ' || round(cast(spend as numeric), 2)
    || ' of spend belong to nobody. Correct the sheet or add the market to dbt/seeds/markets.csv.' as message
from offline_markets
