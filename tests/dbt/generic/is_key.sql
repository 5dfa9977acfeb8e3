{% test is_key(model, column_name) %}
    {# No value is NULL or occurs twice. #}
    select {{ column_name }}, count(*) as copies
    from {{ model }}
    group by {{ column_name }}
    having count(*) > 1 or {{ column_name }} is null
{% endtest %}
