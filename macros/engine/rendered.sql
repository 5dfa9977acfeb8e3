{% macro rendered(template, documents) -%}
    {#
        A template with each {name} replaced by that member of the first of several JSON objects
        that has a value for it. A name that none of them has is an error. NULL if a value is null
        or empty: a sentence with a hole explains nothing.
    #}
    list_reduce(
        list_transform(
            string_split_regex({{ template }}, '[{}]'),
            lambda part, number: case
                when number % 2 = 1 then part
                when {% for document in documents -%}
                    json_exists({{ document }}, '$."' || part || '"'){{ ' or ' if not loop.last }}
                {%- endfor %}
                    then coalesce(
                        {% for document in documents -%}
                        nullif(json_extract_string({{ document }}, '$."' || part || '"'), '')
                        {{- ',' if not loop.last }}
                        {% endfor -%}
                    )
                else error('there is no value {' || part || '} for the text: ' || {{ template }})
            end
        ),
        lambda text, part: text || part
    )
{%- endmacro %}
