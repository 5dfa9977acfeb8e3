{% macro current_rows(table) -%}
    {#
        The rows of one landed table in the newest good state of their artifact; all others are
        history.
    #}
    select
        landed.*,
        artifacts.artifact_number,
    from {{ source('landed', table) }} as landed
    inner join {{ ref('stg_codegraphx__current_artifacts') }} as artifacts
        using (artifact_path, run_id)
{%- endmacro %}
