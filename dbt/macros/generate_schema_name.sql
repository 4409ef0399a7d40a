{# A folder's schema is used as it is named, so that `main`, `staging` and so on are the same in every environment. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
