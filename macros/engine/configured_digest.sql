{% macro configured_digest(seed) -%}
    {#
        The digest of the configured rows of a seed, or nothing if it has none. The plugin puts
        them into its own settings when it begins.
    #}
    {{- ((target.plugins or [{}])[0].config or {}).get('configured', {}).get(seed, '') -}}
{%- endmacro %}
