{% macro roles() -%}
    {# The roles that a file may have; of equal scores, the first role wins. #}
    {{ return([
        'collector', 'transformer', 'analyzer', 'reporter', 'fixer', 'orchestrator', 'none'
    ]) }}
{%- endmacro %}
