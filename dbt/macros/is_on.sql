{#
  Whether a connector is used in this installation. What is off has no models, tests or sources, and costs nothing.
  `mixhouse connector disable` writes the list; MIXHOUSE_DISABLED_CONNECTORS carries it here.
#}
{% macro is_on(source) %}
{#- sqlfluff renders without the environment -#}
{%- set disabled = env_var('MIXHOUSE_DISABLED_CONNECTORS', '') if env_var is defined else '' -%}
{{ return(source not in disabled.split(',')) }}
{% endmacro %}
