with matched as (
    select * from {{ ref('int_dependencies__matched') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

-- If several manifests have a dependency, the one with the surest match counts, then the topmost.
spoken as (
    select
        project_id,
        ecosystem,
        dependency_name,
        scope,
        min_by(matched, (
            coalesce(list_position(['path', 'workspace', 'remote', 'name'], match_reason), 9),
            specifier is null,
            length(manifest_path),
            manifest_path,
            position
        )) as lead,
        count(distinct manifest_path) as manifest_count,
        bool_and(is_copy) as is_copy,
        max_by(run_id, run_seq) as source_run_id,
    from matched
    group by project_id, ecosystem, dependency_name, scope
),

final as (
    select
        {{ hash_id([
            'spoken.project_id', 'spoken.ecosystem', 'spoken.dependency_name', 'spoken.scope',
        ]) }} as dependency_id,
        spoken.project_id,
        spoken.lead.project_path as project_path,
        spoken.ecosystem,
        spoken.dependency_name,
        spoken.scope,
        spoken.lead.specifier as specifier,
        spoken.lead.provider_project_id as provider_project_id,
        providers.project_path as provider_project_path,
        spoken.lead.match_reason as match_reason,
        spoken.lead.manifest_path as manifest_path,
        spoken.manifest_count,
        spoken.is_copy,
        spoken.source_run_id,
    from spoken
    left join projects as providers on providers.project_id = spoken.lead.provider_project_id
)

select * from final
