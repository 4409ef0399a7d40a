{# Platforms write money as whole millionths of the account's currency. #}
{% macro micros_to_money(micros) -%}
    ({{ micros }} / 1000000.0)
{%- endmacro %}

{# A UTC timestamp as the clock on the wall of an IANA time zone. #}
{% macro utc_to_local(utc_timestamp, time_zone) -%}
    ((({{ utc_timestamp }}) at time zone 'UTC') at time zone {{ time_zone }})
{%- endmacro %}

{# The reverse: a wall-clock timestamp of an IANA time zone as UTC. #}
{% macro local_to_utc(local_timestamp, time_zone) -%}
    ((({{ local_timestamp }}) at time zone {{ time_zone }}) at time zone 'UTC')
{%- endmacro %}

{# The day of the market's own calendar on which a UTC moment falls. #}
{% macro reporting_day(utc_timestamp, time_zone) -%}
    cast({{ utc_to_local(utc_timestamp, time_zone) }} as date)
{%- endmacro %}

{# How many hours two IANA time zones are apart at a UTC moment. #}
{% macro hours_apart(time_zone, other_zone, utc_timestamp) -%}
    abs(extract(epoch from {{ utc_to_local(utc_timestamp, time_zone) }} - {{ utc_to_local(utc_timestamp, other_zone) }}))
    / 3600.0
{%- endmacro %}

{# Money in itself needs no rate; anything else is null without one, and a test says so. #}
{% macro rate_to_reporting(currency, rate) -%}
    case when {{ currency }} = '{{ var("reporting_currency") }}' then 1.0 else {{ rate }} end
{%- endmacro %}

{# The outcomes that are counts, as a list for `in`. #}
{% macro count_outcomes() -%}
    '{{ var("count_outcomes") | join("', '") }}'
{%- endmacro %}

{# The ways of ordering that do not count, as a list for `in`. #}
{% macro uncounted_order_sources() -%}
    '{{ var("uncounted_order_sources") | join("', '") }}'
{%- endmacro %}

{# Kinds of action on Facebook that count as conversions, as a list for `in`. #}
{% macro facebook_conversion_types() -%}
    '{{ var("facebook_conversion_types") | join("', '") }}'
{%- endmacro %}

{# The status of agency flights whose cost is known, as a list for `in`. #}
{% macro spent_flight_statuses() -%}
    '{{ var("spent_flight_statuses") | join("', '") }}'
{%- endmacro %}

{# The UTC date in which a local day stands at an hour of its clock; a feed that counts local days needs no shift. #}
{% macro utc_date_at(local_day, hour, time_zone, clock) -%}
    case
        when {{ clock }} in ('utc_time', 'caught_up')
            then cast({{ local_to_utc("cast(" ~ local_day ~ " as timestamp) + interval '" ~ hour ~ " hours'", time_zone) }} as date)
        else {{ local_day }}
    end
{%- endmacro %}

{# The value of the row that comes first by moment, then by id, among those that meet a condition; an aggregate. #}
{% macro value_at_first(value, moment, id, condition) -%}
    {%- if target is defined and target.type == 'postgres' -%}
        (array_agg({{ value }} order by {{ moment }}, {{ id }}) filter (where {{ condition }}))[1]
    {%- else -%}
        {#- arg_min alone would pass over a first row whose value is null -#}
        arg_min_null({{ value }}, ({{ moment }}, {{ id }})) filter (where {{ condition }})
    {%- endif -%}
{%- endmacro %}

{# The quarter of an hour that a moment lies in: no time zone's day starts within one. #}
{% macro quarter_hour(moment) -%}
    {%- if target is defined and target.type == 'postgres' -%}
        date_bin(interval '15 minutes', {{ moment }}, timestamp '2000-01-01')
    {%- else -%}
        time_bucket(interval '15 minutes', {{ moment }})
    {%- endif -%}
{%- endmacro %}
