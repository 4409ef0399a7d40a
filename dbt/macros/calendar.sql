{# The Monday of the week of a date. DuckDB, Postgres and Spark start weeks on Monday; Snowflake and BigQuery must be told. #}
{% macro week_start(date) -%}
    cast(date_trunc('week', {{ date }}) as date)
{%- endmacro %}

{# Every day from first to last, both included, one row a day. Use it as a column of a select. #}
{% macro each_day(first_day, last_day) -%}
    {#- sqlfluff renders without a target -#}
    {%- if target is defined and target.type == 'postgres' -%}
        cast(generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval '1 day') as date)
    {%- else -%}
        cast(unnest(generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval '1 day')) as date)
    {%- endif -%}
{%- endmacro %}
