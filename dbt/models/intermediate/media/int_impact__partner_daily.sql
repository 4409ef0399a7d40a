{{ config(enabled=is_on('impact')) }}

{{ partners_by_market_day('impact', ref('int_impact__action_slots')) }}
