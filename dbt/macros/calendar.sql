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

{# First day of the period of a figure that is published daily, weekly, monthly, quarterly or yearly. #}
{% macro period_start(date, frequency) -%}
    case {{ frequency }}
        when 'yearly' then cast(date_trunc('year', {{ date }}) as date)
        when 'quarterly' then cast(date_trunc('quarter', {{ date }}) as date)
        when 'monthly' then cast(date_trunc('month', {{ date }}) as date)
        when 'weekly' then {{ week_start(date) }}
        else {{ date }}
    end
{%- endmacro %}

{# Last day of the period that begins on a day. #}
{% macro period_end(first_day, frequency) -%}
    case {{ frequency }}
        when 'yearly' then cast({{ first_day }} + interval '1 year' - interval '1 day' as date)
        when 'quarterly' then cast({{ first_day }} + interval '3 months' - interval '1 day' as date)
        when 'monthly' then cast({{ first_day }} + interval '1 month' - interval '1 day' as date)
        when 'weekly' then cast({{ first_day }} + interval '6 days' as date)
        else {{ first_day }}
    end
{%- endmacro %}
