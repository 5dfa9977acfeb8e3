{% macro key_beneath(path, folder, folder_key) -%}
    {%- set rest = "replace(substr(" ~ path ~ ", length(" ~ folder ~ ") + 1), '\\', '/')" -%}
    {# The key of a path below a folder, from the key of the folder. NULL for any other path. #}
    case
        when not starts_with({{ path }}, {{ folder }}) then null
        -- Keys of Windows paths, and only these, are case-folded.
        when regexp_matches({{ folder_key }}, '^([a-z]:|//)')
            then lower({{ folder_key }} || {{ rest }})
        else {{ folder_key }} || {{ rest }}
    end
{%- endmacro %}
