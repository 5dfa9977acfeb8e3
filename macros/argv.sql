{% macro argv(tool, words, paths) -%}
    {# A command as a list of words, or NULL where the tool is not here or a path's text is not its bytes. #}
    case
        when {{ tool_path(tool) }} is not null
            {%- for path in paths %} and not contains({{ path }}, '\'){% endfor %}
            then [{{ tool_path(tool) }}{% for word in words %}, {{ word }}{% endfor %}]
    end
{%- endmacro %}
