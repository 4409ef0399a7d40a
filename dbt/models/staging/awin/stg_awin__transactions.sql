{{ config(enabled=is_on('awin')) }}

select
    id as action_id,
    advertiser_id as account_id,
    coalesce(publisher_id, 'unknown') as partner_id,
    site_name as partner_name,
    transaction_date as happened_at_utc,
    cast(transaction_date as date) as day_utc,
    upper(commission_currency) as currency,
    case when commission_status in ('declined', 'deleted') then 'reversed' else commission_status end as state,
    case
        when commission_status in ('declined', 'deleted') then 0
        -- A fee in another currency cannot be added up here; the test of exported spend then stops the build.
        when network_fee_currency <> commission_currency then commission_amount
        else commission_amount + coalesce(network_fee_amount, 0)
    end as cost_local,
    _loaded_at
from {{ source('awin', 'transaction') }}
