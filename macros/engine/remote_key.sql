{% macro remote_key(url) -%}
    {# What the ways to write the address of one repository have in common: host and path, without user and `.git`. #}
    replace(
        regexp_replace(regexp_replace(lower({{ url }}), '^([a-z+]+://)?([^@/]*@)?', ''), '(\.git)?/*$', ''), ':', '/'
    )
{%- endmacro %}
