{% macro build_in_place(type) %}
    {#
        Drop the relation of the model's name and make it again, in one transaction. dbt-duckdb
        would make it beside the old one and swap them by two renames, a drop and their look-ups, a
        good part of the cost of a small model. That spares readers a gap, but the build file has no
        readers. If the new relation fails, the old one stays.
    #}
    {% set existing = load_cached_relation(this) %}
    {% set target_relation = this.incorporate(type=type) %}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {% if existing %}drop {{ existing.type }} if exists {{ existing }};{% endif %}
        {% if type == 'view' %}{{ get_create_view_as_sql(target_relation, compiled_code) }}
        {%- else %}{{ get_create_table_as_sql(False, target_relation, compiled_code) }}
        {%- endif %}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmacro %}
