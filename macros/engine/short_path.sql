{% macro short_path(path, root) -%}
    {# A path relative to the root; the whole path if it is elsewhere. #}
    case
        when starts_with({{ path }}, rtrim({{ root }}, '/') || '/')
            then substr({{ path }}, length(rtrim({{ root }}, '/')) + 2)
        else {{ path }}
    end
{%- endmacro %}
