{% macro argv(tool, words, paths) -%}
    {#
        A command as a list of words. NULL if the tool is not installed or the text of a path is
        escaped.
    #}
    case
        when {{ tool_path(tool) }} is not null
            {%- for path in paths %} and not contains({{ path }}, '\'){% endfor %}
            then [{{ tool_path(tool) }}{% for word in words %}, {{ word }}{% endfor %}]
    end
{%- endmacro %}
