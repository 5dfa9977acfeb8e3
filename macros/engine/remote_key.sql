{% macro remote_key(url) -%}
    {%- set no_scheme = "regexp_replace(lower(" ~ url ~ "), '^([a-z+]+://)?([^@/]*@)?', '')" -%}
    {#
        The host and path of the address of a repository: the same for all ways to write the
        address.
    #}
    replace(regexp_replace({{ no_scheme }}, '(\.git)?/*$', ''), ':', '/')
{%- endmacro %}
