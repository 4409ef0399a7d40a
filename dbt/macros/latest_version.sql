{#
  One row a key: the newest version. Histories hold a row for each change of a campaign, and joining them as they
  are multiplies spend; figures are restated for weeks, and the newest load is the one that counts.
#}
{% macro latest_version(relation, key, newest_first) -%}
    select *
    from (
        select
            *,
            row_number() over (partition by {{ key | join(', ') }} order by {{ newest_first | join(', ') }}) as version_rank
        from {{ relation }}
    ) as versions
    where version_rank = 1
{%- endmacro %}
