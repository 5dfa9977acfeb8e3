{% macro with_configured_rows() -%}
    {#
        After a seed is loaded: its rows with the key of a configured row make way for that, and
        other configured rows are added.
    #}
    {%- set key = model.config.meta.get('configured', {}).get('key') -%}
    {%- if execute and key -%}
        {%- set configured = 'landed.configured_' ~ model.name -%}
        delete from {{ this }} where ({{ key }}) in (select ({{ key }}) from {{ configured }});
        insert into {{ this }} by name select * from {{ configured }}
    {%- endif -%}
{%- endmacro %}
