{% test is_unique_key(model, columns) %}
    {# No column is NULL, and no combination of their values occurs twice. #}
    select {{ columns }}, count(*) as copies
    from {{ model }}
    group by {{ columns }}
    having count(*) > 1 or {{ columns | replace(', ', ' is null or ') }} is null
{% endtest %}
