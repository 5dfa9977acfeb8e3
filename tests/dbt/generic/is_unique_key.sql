{% test is_unique_key(model, columns) %}
    {# None of the columns NULL, nor all of them twice. #}
    select {{ columns }}, count(*) as copies
    from {{ model }}
    group by {{ columns }}
    having count(*) > 1 or {{ columns | replace(', ', ' is null or ') }} is null
{% endtest %}
