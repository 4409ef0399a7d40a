{#
  The account of a source that has no other, as SQL, for campaigns that were deleted together with what told their account.
  Null where several could be meant. `condition` narrows the accounts down.
#}
{% macro only_account(accounts, id, condition='true') -%}
    (select min({{ accounts }}.{{ id }}) from {{ accounts }} where {{ condition }} having count(*) = 1)
{%- endmacro %}
