{# Every date is a Monday. A row of the result is one that is not. #}
{% test is_monday(model, column_name) %}

select
    {{ column_name }},
    '{{ model.identifier }}.{{ column_name }} is ' || {{ column_name }}
    || ', which is not a Monday. Weeks start on Monday: shift the dates in the mapping of the file.' as message
from {{ model }}
where {{ column_name }} <> {{ week_start(column_name) }}

{% endtest %}
