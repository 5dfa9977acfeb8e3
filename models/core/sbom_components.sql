with named as (
    select
        coalesce(places.project_id, runs.project_id) as project_id,
        components.ecosystem,
        coalesce(components.canonical_name, components.name) as package_name,
        components.* exclude (ecosystem, canonical_name, name, run_id),
        case when regexp_matches(runs.format, '^(cyclonedx|spdx)') then 'sbom' else 'lock' end
            as report_kind,
        runs.reported_at,
        runs.source_run_id,
    {{ from_reports('components') }}
    where
        runs.is_newest
        and runs.is_measured
        and lower(components.component_type) is distinct from 'file'
),

-- An SBOM of requirements has no version for a package that another report has with one.
versioned as (
    select * from named
    qualify version is not null or count(version) over (
        partition by project_id, ecosystem, package_name
    ) = 0
),

-- A package that one report ships is shipped, whichever spelling the reports use.
folded as (
    select
        project_id,
        ecosystem,
        package_name,
        version,
        min(version_key) as version_key,
        min(purl) as purl,
        bool_and(is_root) as is_root,
        bool_or(is_direct) as is_direct,
        bool_and(is_dev) as is_dev,
        bool_and(is_optional) as is_optional,
        list_sort(list_distinct(flatten(list(list_concat(
            [scope_given], coalesce(from_json(groups, '["varchar"]'), [])
        ))))) as scopes,
        list_sort(list_distinct(list(report_kind))) as report_kinds,
        min(component_type) as component_type,
        min(source_kind) as source_kind,
        min(source_place) as source_place,
        min(licence) as licence,
        max(reported_at) as reported_at,
        max_by(source_run_id, reported_at) as source_run_id,
    from versioned
    group by project_id, ecosystem, package_name, version
),

final as (
    select
        {{ hash_id(['project_id', 'ecosystem', 'package_name', 'version']) }} as component_id,
        project_id,
        ecosystem,
        package_name,
        version,
        version_key,
        purl,
        is_root,
        is_direct,
        is_dev,
        is_optional,
        {{ as_json_text('list_filter(scopes, lambda one: one is not null)') }} as scopes,
        {{ as_json_text('report_kinds') }} as report_kinds,
        component_type,
        source_kind,
        source_place,
        licence,
        reported_at,
        source_run_id,
    from folded
)

select * from final
