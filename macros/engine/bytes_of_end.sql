{% macro bytes_of_end(whole_bytes, end_text) -%}
    {#
        The bytes of the end of a path, from the bytes of the whole path and the text of its end. An
        escape in the text (`\xff`) stands for one byte. NULL if the text is the same as its bytes.
    #}
    case
        when contains({{ end_text }}, '\') then
            unhex(right(
                hex({{ whole_bytes }}),
                2 * octet_length(encode(
                    regexp_replace({{ end_text }}, '\\x[0-9a-f]{2}', '.', 'g')
                ))
            ))
    end
{%- endmacro %}
