{{ config(enabled=is_on('awin')) }}

{{ partners_by_market_day('awin', ref('int_awin__transaction_slots')) }}
