{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {#
        Every comment of a relation in one statement. dbt-duckdb would look up its columns first,
        twice; here every relation with comments has a contract, which lists them.
    #}
    {% set comments = [] %}
    {% if for_relation and config.persist_relation_docs() and model.description %}
        {% do comments.append(duckdb__alter_relation_comment(relation, model.description)) %}
    {% endif %}
    {% if for_columns and config.persist_column_docs() %}
        {% for name, column in model.columns.items() if column.description %}
            {% set place = relation ~ '.' ~ name %}
            {% set text = duckdb_escape_comment(column.description) %}
            {% do comments.append('comment on column ' ~ place ~ ' is ' ~ text ~ ';') %}
        {% endfor %}
    {% endif %}
    {% if comments %}
        {% do run_query(comments | join('\n')) %}
    {% endif %}
{% endmacro %}
