{# The columns together identify a row. A row of the result is a key that occurs more than once. #}
{% test unique_combination(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as n_rows,
    'Duplicate key in {{ model.identifier }}: ' || concat_ws(', ',
        {%- for column in columns %}
        '{{ column }}=' || coalesce(cast({{ column }} as varchar), 'null'){% if not loop.last %},{% endif %}
        {%- endfor %}
    ) || ' stands in ' || count(*) || ' rows. Find which join or file repeats it.' as message
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
