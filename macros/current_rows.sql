{% macro current_rows(table) -%}
    {# The rows of one landed table as the newest good state of their artifact has them; the rest is history. #}
    select
        landed.*,
        artifacts.artifact_number,
        artifacts.run_seq,
        artifacts.landed_at,
    from {{ source('landed', table) }} as landed
    inner join {{ ref('stg_codegraphx__current_artifacts') }} as artifacts using (artifact_path, run_id)
{%- endmacro %}
