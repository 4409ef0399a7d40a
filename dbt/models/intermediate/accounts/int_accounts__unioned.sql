{#- Every platform of warehouse/connectors/ that has accounts. -#}
{%- set platforms = media_platforms() | selectattr('accounts') | list -%}

with unioned as ( -- noqa: disable=LT02,LT05
{% for platform in platforms %}
    select
        '{{ platform.source }}' as source,
        account_id,
        account_currency,
        report_timezone
    from {{ ref(platform.accounts) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
) -- noqa: enable=all

-- A daily model repeats its account in every row, and knows nothing of one whose history was deleted.
select
    source,
    account_id,
    max(account_currency) as account_currency,
    max(report_timezone) as report_timezone
from unioned
group by source, account_id
