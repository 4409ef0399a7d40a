{{ config(enabled=is_on('salesforce')) }}

{{ deals_to_outcomes('salesforce', ref('stg_salesforce__deals')) }}
