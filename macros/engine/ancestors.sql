{% macro ancestors(path) -%}
    {#
        A path and every folder around it as a list, without slashes at their ends: the root is ''.
    #}
    list_transform(
        generate_series(1, len(string_split({{ path }}, '/'))),
        lambda length: array_to_string(string_split({{ path }}, '/')[1:length], '/')
    )
{%- endmacro %}
