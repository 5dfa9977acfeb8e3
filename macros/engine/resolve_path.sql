{% macro resolve_path(folder, pointer) -%}
    {# The absolute path of a normalised path from a folder; NULL if it leads above the top. #}
    {%- set ups = "length(regexp_extract(" ~ pointer ~ " || '/', '^(\.\./)*')) // 3" -%}
    {%- set parts = "string_split(" ~ folder ~ ", '/')" -%}
    case
        when starts_with({{ pointer }}, '/') then {{ pointer }}
        when {{ pointer }} = '.' then {{ folder }}
        when {{ ups }} < length({{ parts }}) then rtrim(
            array_to_string({{ parts }}[1:length({{ parts }}) - {{ ups }}], '/')
            || '/' || substr({{ pointer }} || '/', 3 * ({{ ups }}) + 1),
            '/'
        )
    end
{%- endmacro %}
