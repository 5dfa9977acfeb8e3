{% macro key_beneath(path, folder, folder_key) -%}
    {# The key of a path that begins with its folder, from the folder's own key; NULL for any other. #}
    case
        when not starts_with({{ path }}, {{ folder }}) then null
        -- Keys of Windows paths, and only these, are case-folded.
        when regexp_matches({{ folder_key }}, '^([a-z]:|//)')
            then lower({{ folder_key }} || replace(substr({{ path }}, length({{ folder }}) + 1), '\', '/'))
        else {{ folder_key }} || replace(substr({{ path }}, length({{ folder }}) + 1), '\', '/')
    end
{%- endmacro %}
