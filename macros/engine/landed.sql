{% macro landed(table) -%}
    {#
        The healthy rows of one landed table in this build, with the number and the end of their
        run.
    #}
    select
        landed.*,
        runs.run_seq,
        runs.believed_at as landed_at,
    from {{ source('landed', table) }} as landed
    inner join {{ ref('stg_landing__runs') }} as runs using (run_id)
{%- endmacro %}
