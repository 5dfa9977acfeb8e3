with matched as (
    select * from {{ ref('int_dependencies__matched') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

packages as (
    select * from {{ ref('int_dependencies__packages') }}
    where version_rank = 1
),

entries as (
    select
        matched.*,
        packages.version as provider_version,
        case
            when matched.provider_project_id is not null
                then {{ accepts_version('matched.accepted_versions', 'packages.version_key') }}
        end as is_accepted,
    from matched
    left join packages
        on packages.project_id = matched.provider_project_id
        and packages.ecosystem = matched.ecosystem
        and packages.canonical_name = matched.dependency_name
),

-- Several entries of one manifest are alternatives, for example with different markers.
judged as (
    select
        *,
        case
            when bool_or(is_accepted) over alternatives then true
            when count(*) over alternatives = count(is_accepted) over alternatives then false
        end as is_satisfied,
    from entries
    window alternatives as (partition by project_id, ecosystem, dependency_name, scope, path)
),

-- If several manifests have a dependency, one that the version here does not satisfy counts, then
-- the one with the surest match, then the topmost.
spoken as (
    select
        project_id,
        ecosystem,
        dependency_name,
        scope,
        min_by(judged, (
            is_satisfied is distinct from false,
            coalesce(list_position(['path', 'workspace', 'remote', 'name'], match_reason), 9),
            specifier is null,
            length(manifest_path),
            manifest_path,
            position
        )) as lead,
        count(distinct manifest_path) as manifest_count,
        bool_and(is_copy) as is_copy,
        max_by(run_id, run_seq) as source_run_id,
        case
            when not bool_and(is_satisfied) then false
            when count(*) = count(is_satisfied) then true
        end as is_satisfied,
    from judged
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
        spoken.lead.provider_version as provider_version,
        spoken.is_satisfied,
    from spoken
    left join projects as providers on providers.project_id = spoken.lead.provider_project_id
)

select * from final
