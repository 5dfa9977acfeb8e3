{% macro roles() -%}
    {# The roles that a file may have, in the order in which equal scores are settled. #}
    {{ return(['collector', 'transformer', 'analyzer', 'reporter', 'fixer', 'orchestrator', 'none']) }}
{%- endmacro %}
