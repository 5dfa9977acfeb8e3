{% macro found_in(found) -%}
    {# Whether a project has a kind of file; NULL if a sparse checkout may leave it out. #}
    case
        when {{ found }} then true
        when coalesce(measures.files_left_out, 0) = 0 then false
    end
{%- endmacro %}
