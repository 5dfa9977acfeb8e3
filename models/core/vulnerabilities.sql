with advised as (
    select * from {{ ref('int_reports__placed_advisories') }}
),

levels (names) as (
    values (['low', 'medium', 'high', 'critical'])
),

-- one row per project, vulnerability, package and version
folded as (
    select
        project_id,
        vulnerability,
        package_key,
        version,
        any_value(all_ids) as all_ids,
        min(ecosystem) as ecosystem,
        min(canonical_name) as package_name,
        min(affected_range) as affected_range,
        max(list_position(levels.names, severity)) as severity_rank,
        max(cvss_score) as cvss_score,
        list_sort(list_distinct(flatten(list(fixed_versions)))) as fixed_versions,
        min(title) as title,
        min(url) as url,
        bool_or(is_direct) as is_direct,
        -- A tool that cannot know what was ruled out elsewhere keeps it open.
        bool_and(is_suppressed) as is_suppressed,
        min(suppression) as suppression,
        list_sort(list_distinct(list(tool))) as tools,
        min(file_id) as file_id,
        max(reported_at) as reported_at,
        max_by(source_run_id, reported_at) as source_run_id,
    from advised
    cross join levels
    group by project_id, vulnerability, package_key, version
),

components as (
    select
        project_id,
        lower(regexp_replace(package_name, '[-_.]+', '-', 'g')) as package_key,
        version,
        bool_or(is_direct) as is_direct,
        bool_and(is_dev) as is_dev,
    from {{ ref('sbom_components') }}
    group by project_id, package_key, version
),

final as (
    select
        {{ hash_id(['project_id', 'vulnerability', 'package_key', 'version']) }}
            as vulnerability_id,
        project_id,
        vulnerability,
        {{ as_json_text('list_filter(all_ids, lambda one: one <> vulnerability)') }} as aliases,
        ecosystem,
        package_name,
        version,
        affected_range,
        levels.names[severity_rank] as severity,
        cvss_score,
        {{ as_json_text('list_filter(fixed_versions, lambda one: one is not null)') }}
            as fixed_versions,
        title,
        url,
        coalesce(components.is_direct, folded.is_direct) as is_direct,
        components.is_dev,
        is_suppressed,
        case when is_suppressed then suppression end as suppression,
        {{ as_json_text('tools') }} as tools,
        file_id,
        reported_at,
        source_run_id,
    from folded
    cross join levels
    left join components using (project_id, package_key, version)
)

select * from final
