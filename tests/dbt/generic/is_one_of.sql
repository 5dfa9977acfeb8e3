{% test is_one_of(model, column_name, values) %}
    {# NULL is none of them and may stand. One text for all, since dbt renders every text of a test by itself. #}
    select {{ column_name }}, count(*) as copies
    from {{ model }}
    where {{ column_name }} not in ('{{ values | replace(", ", "', '") }}')
    group by {{ column_name }}
{% endtest %}
