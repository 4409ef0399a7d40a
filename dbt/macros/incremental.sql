{#
  Tables of events are too large to be made again with every load. Their first sums are incremental: each row carries
  the stamp of the newest load that it saw, and the next build works out again what was touched since. Each transaction
  of a load has a stamp of its own, later than all before, so a build that was killed, or came between two of them, leaves
  nothing out. The events are read several times, each time for a few of them: as `not materialized`, they are not copied
  for it.
#}

{# The stamp of the newest load that this table has seen, as SQL. Use it inside `is_incremental()`. #}
{% macro last_load_seen() -%}
    {%- set seen = run_query('select max(_loaded_at) from ' ~ this).columns[0].values()[0] if execute else none -%}
    timestamp '{{ seen or "1900-01-01" }}'
{%- endmacro %}

{#
  The days (`day_utc`) of which a table must sum the events again: all of them, or, in an incremental build, those of new
  events. `superseded` holds what events said before: one that moved to another day leaves the one it was in.
#}
{% macro days_to_sum(events, superseded) -%}
    select distinct day_utc
    from {{ events }}
    {%- if is_incremental() %}
    where _loaded_at > {{ last_load_seen() }}
    union distinct
    select day_utc
    from {{ superseded }}
    where _superseded_at > {{ last_load_seen() }}
    {%- endif %}
{%- endmacro %}

{# The SQL that makes a table, with the variables that its `meta: made_with` names, as a hash. Select it as `_made_by`. #}
{% macro made_by() -%}
    '{{ made_by_hash() if local_md5 is defined else '' }}'
{%- endmacro %}

{% macro made_by_hash() -%}
    {{ return(local_md5(model.raw_code ~ model.config.get('meta', {}).get('made_with', ''))) }}
{%- endmacro %}

{#
  dbt asks this before it adds to an incremental table. Besides --full-refresh, a table that another SQL made is made
  anew: its old rows mean something else. A table that says so itself (`full_refresh=false`) is never made anew.
#}
{% macro should_full_refresh() %}
    {%- if config.get('full_refresh') is not none -%}
        {{ return(config.get('full_refresh')) }}
    {%- endif -%}
    {{ return(flags.FULL_REFRESH or is_made_by_other_sql()) }}
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
    {{ return(made is not none and made != made_by_hash()) }}
{% endmacro %}
