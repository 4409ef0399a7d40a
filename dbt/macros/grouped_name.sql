{#
  A campaign's name behind the name of the level above, where both may carry the naming convention: one pattern of
  map_campaigns then finds either.
#}
{% macro grouped_name(group_name, name) -%}
    nullif(concat_ws(' | ', {{ group_name }}, {{ name }}), '')
{%- endmacro %}
