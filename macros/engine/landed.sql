{% macro landed(table) -%}
    {# The healthy rows of one landed table, as of this build, each with its run's number and the time it landed. #}
    select
        landed.*,
        runs.run_seq,
        runs.believed_at as landed_at,
    from {{ source('landed', table) }} as landed
    inner join {{ ref('stg_landing__runs') }} as runs using (run_id)
{%- endmacro %}
