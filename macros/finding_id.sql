{% macro finding_id(rows, moved) -%}
    {#
        The id of a finding: the same rule, project and subject keep it from build to build, also if
        the project moves.
    #}
    {{ hash_id([
        rows ~ '.gap_type', rows ~ '.project_id',
        place_at_first(rows ~ '.subject', moved),
    ]) }}
{%- endmacro %}
