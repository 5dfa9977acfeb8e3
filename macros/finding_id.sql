{% macro finding_id(rows) -%}
    {# The id of a finding: the same rule, project and subject keep it from build to build. #}
    {{ hash_id([rows ~ '.gap_type', rows ~ '.project_id', rows ~ '.subject']) }}
{%- endmacro %}
