{#
  A row a key, no part of the key null, and nothing absent or negative that must not be. One test asks all of it,
  because each test of dbt costs more than the question. A row of the result is a sentence about what is wrong.

  `nullable_key` are parts of the key that may be null. `newest_days` is for tables of events with `_loaded_at`, and what
  is summed of them: the column of the day (or another part of the key), of which only those that the last load touched
  are looked at. The others were when they came.
#}
{% test sound_rows(model, key, nullable_key=[], present=[], not_negative=[], newest_days=none) %}
{%- set name = model.identifier %}
{%- set filled = (key | reject('in', nullable_key) | list) + present %}

with rows_in_question as (

    select * from {{ model }}
    {%- if newest_days %}
    where {{ newest_days }} in (
        select {{ newest_days }} from {{ model }} where _loaded_at = (select max(_loaded_at) from {{ model }})
    )
    {%- endif %}

),

repeated as (

    select
        {{ key | join(', ') }},
        count(*) as n_rows
    from rows_in_question
    group by {{ key | join(', ') }}
    having count(*) > 1

),

counted as (

    select
        {%- for column in filled %}
        count(*) - count({{ column }}) as absent_{{ column }},
        {%- endfor %}
        {%- for column in not_negative %}
        sum(case when {{ column }} < 0 then 1 else 0 end) as negative_{{ column }},
        min({{ column }}) as least_{{ column }},
        {%- endfor %}
        count(*) as n_rows
    from rows_in_question

)

select
    'Key of {{ name }}: ' || concat_ws(', ',
        {%- for column in key %}
        '{{ column }}=' || coalesce(cast({{ column }} as varchar), 'null'){% if not loop.last %},{% endif %}
        {%- endfor %}
    ) || ' stands in ' || n_rows || ' rows. A key occurs once: find which join or file repeats it.' as message
from repeated
{%- for column in filled %}
union all
select
    '{{ name }}.{{ column }} is null in ' || absent_{{ column }} || ' of ' || n_rows
    || ' rows. Find which join or file leaves it out.' as message
from counted
where absent_{{ column }} > 0
{%- endfor %}
{%- for column in not_negative %}
union all
select
    '{{ name }}.{{ column }} is negative in ' || negative_{{ column }} || ' rows, down to ' || least_{{ column }}
    || '. Correct the export that delivered it.' as message
from counted
where negative_{{ column }} > 0
{%- endfor %}

{% endtest %}
