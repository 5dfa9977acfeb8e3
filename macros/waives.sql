{% macro waives(waivers, findings) -%}
    {# Whether a waiver covers a finding: its rule, and its project path, subject or id. #}
    (
        {{ matches_glob(findings ~ '.gap_type', waivers ~ '.gap_type') }}
        and (
            {{ matches_glob(findings ~ '.project_path', waivers ~ '.subject_pattern') }}
            or {{ matches_glob(findings ~ '.subject', waivers ~ '.subject_pattern') }}
            or {{ findings }}.finding_id = {{ waivers }}.subject_pattern
        )
    )
{%- endmacro %}
