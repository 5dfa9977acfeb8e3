{% macro wanted_id(files, calls) -%}
    {#
        A number for what a call or a base type wants: a name in its file, or in what an import
        leads to. A name that its file does not bind is another one.
    #}
    {{ hash_number([
        files ~ '.file_id',
        'cast(' ~ calls ~ '.import_index as varchar)',
        wanted_name(calls),
        'cast(' ~ calls ~ ".via = 'name' as varchar)",
    ]) }}
{%- endmacro %}
