{% macro with_earlier_places(findings) -%}
    {#
        Findings, and again under each earlier path of their project: a waiver for a path follows
        the project that moved away from it.
    #}
    select finding_id, gap_type, project_path, subject, project_path as current_project_path
    from {{ findings }}

    union all

    select
        findings.finding_id,
        findings.gap_type,
        aliases.alias_path as project_path,
        case
            when {{ is_beneath('findings.subject', 'findings.project_path') }}
                then aliases.alias_path
                    || substr(findings.subject, length(findings.project_path) + 1)
            else findings.subject
        end as subject,
        findings.project_path as current_project_path
    from {{ findings }} as findings
    inner join {{ ref('project_aliases') }} as aliases using (project_path)
{%- endmacro %}
