{% macro words_of(name) -%}
    {# The words of a name, in lower case: `parse_HTTPHeader` → [parse, http, header]. #}
    list_transform(
        regexp_extract_all(
            regexp_replace({{ name }}, '([A-Z]+)([A-Z][a-z])', '\1 \2', 'g'),
            '[A-Z]+[a-z]*|[a-z]+'
        ),
        lambda word: lower(word)
    )
{%- endmacro %}
