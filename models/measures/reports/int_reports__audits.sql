{{ config(materialized='ephemeral') }}
{% set rule = 'VULNERABLE_DEPENDENCY' %}
{% set levels = ['critical', 'high', 'medium', 'low'] %}
with auditors as (
    select tool from {{ ref('audit_tools') }}
    where looks_only_for_them
),

chains as (
    select * from {{ ref('int_reports__chains') }}
),

-- Vulnerabilities that count: less severe ones do not, nor do most of those in tools of developers.
judged as (
    select
        vulnerabilities.*,
        chains.chain,
        coalesce(list_position(['low', 'medium', 'high', 'critical'], severity), 2) as rank,
        not is_suppressed
        and rank >= case
            when is_dev then {{ threshold(rule, 'min_severity_of_dev') }}
            else {{ threshold(rule, 'min_severity') }}
        end as is_counted,
        package_name || coalesce(' ' || version, '') || ' (' || vulnerability || ')' as named,
    from {{ ref('vulnerabilities') }} as vulnerabilities
    left join chains using (vulnerability_id)
),

counts as (
    select
        project_id,
        count(*) filter (where is_counted) as counted,
        {% for level in levels -%}
        count(*) filter (where severity = '{{ level }}' and not is_suppressed) as {{ level }},
        {% endfor -%}
        count(*) filter (where severity is null and not is_suppressed) as unrated,
        count(*) filter (where is_dev and not is_suppressed) as dev_only,
        count(*) filter (where is_suppressed) as suppressed,
        list(
            struct_pack(
                package := package_name,
                version := version,
                vulnerability := vulnerability,
                severity := severity,
                path := chain
            )
            order by rank desc, package_name, vulnerability, version
        ) filter (where is_counted)[1:10] as worst,
        min_by(named, (-rank, package_name, vulnerability, version)) filter (where is_counted)
            as first,
    from judged
    group by project_id
),

-- a tool that looks for vulnerabilities only, or found one
runs as (
    select *
    from {{ ref('quality_runs') }}
    where is_newest and project_id is not null
),

audits as (
    select
        project_id,
        bool_and(is_measured) as is_measured,
        list_sort(list_distinct(list(tool))) as tools,
        max(reported_at) as reported_at,
        max_by(source_run_id, reported_at) as run_id,
    from runs
    where
        regexp_replace(lower(tool), '[ _]', '-', 'g') in (select tool from auditors)
        or regexp_replace(format, '[ _]', '-', 'g') in (select tool from auditors)
    group by project_id
),

-- one row per project that was looked at for vulnerable packages
final as (
    select
        coalesce(audits.project_id, counts.project_id) as project_id,
        coalesce(audits.is_measured, counts.project_id is not null) as is_measured,
        audits.tools,
        audits.reported_at,
        audits.run_id,
        counts.* exclude (project_id),
    from audits
    full join counts using (project_id)
)

select * from final
