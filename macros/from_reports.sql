{% macro from_reports(things, relation=none, has_paths=true) -%}
    {#
        The rows of a staging model of reports, or of a *relation* with its keys, in the reports as
        they are now: the relations `runs` (quality_runs), *things* and `places`.
    #}
    from {{ ref('quality_runs') }} as runs
    inner join {{ ref('int_reports__current') }} as states using (report_path, sha256)
    inner join {{ relation or ref('stg_reports__' ~ things) }} as {{ things }}
        on {{ things }}.sha256 = runs.sha256
        and {{ things }}.run_seq = states.reading_seq
        and {{ things }}.run_index = runs.run_index
    {%- if has_paths %}
    left join {{ ref('int_reports__places') }} as places
        on places.report_path = runs.report_path
        and places.sha256 = runs.sha256
        and places.run_index = runs.run_index
        and places.path_index = {{ things }}.path_index
    {%- endif %}
{%- endmacro %}
