{% test is_key(model, column_name) %}
    {# Neither NULL nor twice: one test for what is one claim. #}
    select {{ column_name }}, count(*) as copies
    from {{ model }}
    group by {{ column_name }}
    having count(*) > 1 or {{ column_name }} is null
{% endtest %}
