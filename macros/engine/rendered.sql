{% macro rendered(template, documents) -%}
    {#
        A template with each {name} replaced by that member of the first of several JSON objects
        that has a value for it. A name that none of them has is an error; null becomes nothing.
    #}
    array_to_string(
        list_transform(
            string_split_regex({{ template }}, '[{}]'),
            lambda part, number: case
                when number % 2 = 1 then part
                when {% for document in documents -%}
                    json_exists({{ document }}, '$."' || part || '"'){{ ' or ' if not loop.last }}
                {%- endfor %}
                    then coalesce(
                        {% for document in documents -%}
                        json_extract_string({{ document }}, '$."' || part || '"'),
                        {% endfor -%}
                        ''
                    )
                else error('there is no value {' || part || '} for the text: ' || {{ template }})
            end
        ),
        ''
    )
{%- endmacro %}
