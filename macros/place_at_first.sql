{% macro place_at_first(path, project) -%}
    {#
        A path in a project as if the project were still at the place at which it was first seen;
        any other path stays.
    #}
    case
        when
            {{ project }}.first_path <> {{ project }}.project_path
            and {{ is_beneath(path, project ~ '.project_path') }}
            then {{ project }}.first_path
                || substr({{ path }}, length({{ project }}.project_path) + 1)
        else {{ path }}
    end
{%- endmacro %}
