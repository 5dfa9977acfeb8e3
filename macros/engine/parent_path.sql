{% macro parent_path(path) -%}
    {# The folder that holds a path; '/' for a top-level one, NULL for '/' itself. #}
    case
        when {{ path }} = '/' then null
        else coalesce(nullif(regexp_replace({{ path }}, '/[^/]*$', ''), ''), '/')
    end
{%- endmacro %}
