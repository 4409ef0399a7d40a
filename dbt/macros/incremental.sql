{#
  Tables of events are too large to be made again with every load. Their first sums are incremental: each row carries
  the stamp of the newest load that it saw, and the next build works out again what was touched since. Load stamps only
  grow, and the last one is looked at twice, so a build that was killed leaves nothing out.
#}

{# The stamp of the newest load that this table has seen, as SQL. Use it inside `is_incremental()`. #}
{% macro last_load_seen() -%}
    {%- set seen = run_query('select max(_loaded_at) from ' ~ this).columns[0].values()[0] if execute else none -%}
    timestamp '{{ seen or "1900-01-01" }}'
{%- endmacro %}

{#
  What makes a table, as a hash: its SQL and the vars that decide about its rows, which a model names in its config,
  `meta={'made_with': ['<var>']}`. Select it as `_made_by`.
#}
{% macro made_by() -%}
    '{{ hash_of_the_making() if local_md5 is defined else '' }}'
{%- endmacro %}

{% macro hash_of_the_making() %}
    {%- set settings = [] -%}
    {%- for name in model.config.meta.get('made_with', []) -%}
        {%- do settings.append(var(name)) -%}
    {%- endfor -%}
    {{ return(local_md5(model.raw_code ~ settings)) }}
{% endmacro %}

{#
  dbt asks this before it adds to an incremental table. Besides --full-refresh, a table that other SQL or other vars made
  is made anew: its old rows mean something else.
#}
{% macro should_full_refresh() %}
    {%- set asked = config.get('full_refresh') -%}
    {%- set asked = flags.FULL_REFRESH if asked is none else asked -%}
    {{ return(asked or is_made_by_other_sql()) }}
{% endmacro %}

{% macro is_made_by_other_sql() %}
    {%- set existing = load_relation(this) if execute and model.config.materialized == 'incremental' else none -%}
    {%- if existing is none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- if '_made_by' not in adapter.get_columns_in_relation(existing) | map(attribute='name') -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set made = run_query('select max(_made_by) from ' ~ existing).columns[0].values()[0] -%}
    {{ return(made is not none and made != hash_of_the_making()) }}
{% endmacro %}
