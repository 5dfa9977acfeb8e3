{% macro landed(table) -%}
    {# The committed rows of one landed table, as of this build, each with its run's number and end. #}
    select
        landed.*,
        runs.run_seq,
        runs.ended_at as landed_at,
    from landed.{{ table }} as landed
    inner join {{ ref('stg_landing__runs') }} as runs using (run_id)
{%- endmacro %}
