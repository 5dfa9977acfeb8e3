{% macro dotted_name(text) -%}
    {# A name of code with dots between its parts; NULL for another expression. #}
    case
        when regexp_full_match({{ text }}, '[\w$]+(?:(?:\.|::|->|\\)[\w$]+)*')
            then regexp_replace({{ text }}, '::|->|\\', '.', 'g')
    end
{%- endmacro %}
