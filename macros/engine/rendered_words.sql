{% macro rendered_words(template, documents) -%}
    {#
        A command template as a list of words: one that is a {name} is replaced by that member of
        the first of several JSON objects that has a value for it, else by NULL.
    #}
    list_transform(
        string_split({{ template }}, ' '),
        lambda word: case
            when not starts_with(word, '{') then word
            else coalesce(
                {% for document in documents -%}
                json_extract_string({{ document }}, '$."' || word[2:-2] || '"')
                {{- ',' if not loop.last }}
                {% endfor -%}
            )
        end
    )
{%- endmacro %}
