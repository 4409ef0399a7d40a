{#
  What a platform's report by campaign and country says an account has spent a day: another report than the one that the
  marts are made of, to hold them against.
#}
{% macro account_totals(country_report, campaigns, accounts) -%}
with report as (

    select * from {{ country_report }}

),

campaigns as (

    select * from {{ campaigns }}

),

accounts as (

    select * from {{ accounts }}

),

placed as (

    select
        coalesce(campaigns.account_id, {{ only_account('accounts', 'account_id') }}, 'unknown') as account_id,
        report.date_day,
        report.spend_local
    from report
    left join campaigns on report.campaign_id = campaigns.campaign_id

)

select
    account_id,
    date_day,
    sum(spend_local) as spend_local
from placed
group by account_id, date_day
{%- endmacro %}
