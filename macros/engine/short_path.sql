{% macro short_path(path, root) -%}
    {# A path as a person says it who stands in the root; the whole path elsewhere. #}
    case
        when starts_with({{ path }}, rtrim({{ root }}, '/') || '/')
            then substr({{ path }}, length(rtrim({{ root }}, '/')) + 2)
        else {{ path }}
    end
{%- endmacro %}
