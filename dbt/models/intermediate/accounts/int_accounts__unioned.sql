{#- Every platform of warehouse/connectors/ that has accounts. -#}
{{ config(materialized='view') }}

with unioned as ( -- noqa: disable=LT02,LT05

    select
        cast(null as varchar) as source,
        cast(null as varchar) as account_id,
        cast(null as varchar) as account_currency,
        cast(null as varchar) as report_timezone
    where false
{%- for platform in media_platforms() | selectattr('accounts') %}
    union all
    select
        '{{ platform.source }}' as source,
        account_id,
        account_currency,
        report_timezone
    from {{ ref(platform.accounts) }}
{%- endfor %}

) -- noqa: enable=all

-- A daily model repeats its account in every row, and knows nothing of one whose history was deleted.
select
    source,
    account_id,
    upper(max(account_currency)) as account_currency,
    max(report_timezone) as report_timezone
from unioned
where account_id is not null
group by source, account_id
