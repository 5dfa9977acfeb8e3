{% macro shell_command(argv) -%}
    {# A list of words as one line for a POSIX shell, that splits into the same words again. #}
    array_to_string(
        list_transform(
            {{ argv }},
            lambda word: case
                when regexp_full_match(word, '[A-Za-z0-9_@%+=:,./-]+') then word
                else '''' || replace(word, '''', '''"''"''') || ''''
            end
        ),
        ' '
    )
{%- endmacro %}
