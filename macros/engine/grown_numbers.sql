{% macro grown_numbers(before, after) -%}
    {#
        The numbers of a JSON object that are larger than in an earlier one, as `name 2 → 5`, joined
        by commas; NULL if none is.
    #}
    nullif(array_to_string(list_transform(
        list_filter(
            json_keys({{ after }}),
            lambda name:
                try_cast(json_extract_string({{ after }}, '$."' || name || '"') as double)
                > try_cast(json_extract_string({{ before }}, '$."' || name || '"') as double)
        ),
        lambda name:
            replace(name, '_', ' ')
            || ' ' || json_extract_string({{ before }}, '$."' || name || '"')
            || ' → ' || json_extract_string({{ after }}, '$."' || name || '"')
    ), ', '), '')
{%- endmacro %}
