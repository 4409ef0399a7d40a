{# The columns together identify a row and none is null. A row of the result is a key that fails. #}
{% test unique_combination(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as n_rows,
    'Key of {{ model.identifier }}: ' || concat_ws(', ',
        {%- for column in columns %}
        '{{ column }}=' || coalesce(cast({{ column }} as varchar), 'null'){% if not loop.last %},{% endif %}
        {%- endfor %}
    ) || ' stands in ' || count(*) || ' row(s). A key occurs once and has no null part: '
    || 'find which join or file repeats it or leaves it out.' as message
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
