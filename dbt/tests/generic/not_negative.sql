{# No value is below zero. A row of the result is one that is. #}
{% test not_negative(model, column_name) %}

select
    *,
    '{{ model.identifier }}.{{ column_name }} is negative: ' || {{ column_name }}
    || '. Correct the export that delivered it.' as message
from {{ model }}
where {{ column_name }} < 0

{% endtest %}
