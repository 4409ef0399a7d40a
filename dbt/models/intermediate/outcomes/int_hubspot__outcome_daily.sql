{{ config(enabled=is_on('hubspot')) }}

{{ deals_to_outcomes('hubspot', ref('stg_hubspot__deals')) }}
