{% macro rendered(template, documents) -%}
    {#
        A template with each {name} replaced by that member of the first of several JSON objects
        that has a value for it, and each {name:noun} by a number and its noun, in the plural unless
        it is 1. Whole numbers get separated thousands. A name that none of the objects has is an
        error. NULL if a value is null: a sentence with a hole explains nothing. An empty text is a
        value: a part of the sentence that this finding does not need.
    #}
    {%- set name = "split_part(part, ':', 1)" %}
    {%- set noun = "split_part(part, ':', 2)" %}
    {%- set member = "'$.\"' || " ~ name ~ " || '\"'" %}
    list_reduce(
        list_transform(
            string_split_regex({{ template }}, '[{}]'),
            lambda part, number: case
                when number % 2 = 1 then part
                when {% for document in documents -%}
                    json_exists({{ document }}, {{ member }}){{ ' or ' if not loop.last }}
                {%- endfor %}
                    then list_transform(
                        [coalesce(
                            {% for document in documents -%}
                            case
                                when json_type({{ document }}, {{ member }})
                                    in ('BIGINT', 'UBIGINT')
                                    then {{ thousands("json_extract_string(" ~ document ~ ", "
                                        ~ member ~ ")") }}
                                else json_extract_string({{ document }}, {{ member }})
                            end
                            {{- ',' if not loop.last }}
                            {% endfor -%}
                        )],
                        lambda value: value || case
                            when {{ noun }} = '' then ''
                            when value = '1' then ' ' || {{ noun }}
                            else ' ' || regexp_replace({{ noun }} || 's', '([^aeiou])ys$', '\1ies')
                        end
                    )[1]
                else error('there is no value {' || part || '} for the text: ' || {{ template }})
            end
        ),
        lambda text, part: text || part
    )
{%- endmacro %}
