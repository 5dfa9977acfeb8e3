{% test is_one_of(model, column_name, values) %}
    {#
        NULL passes. The values are one text, because dbt renders every text of a list by itself.
    #}
    select {{ column_name }}, count(*) as copies
    from {{ model }}
    where {{ column_name }} not in ('{{ values | replace(", ", "', '") }}')
    group by {{ column_name }}
{% endtest %}
