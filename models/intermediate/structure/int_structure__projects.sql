with every_project as (
    select * from {{ ref('int_structure__project_paths') }}
),

roots as (
    select * from {{ ref('int_structure__roots') }}
),

repositories as (
    select * from {{ ref('int_structure__repositories') }}
),

pointers as (
    select * from {{ ref('int_structure__pointers') }}
),

manifests as (
    select * from {{ ref('int_structure__manifests') }}
),

catalogued as (
    select * from {{ ref('int_structure__catalogued') }}
),

occupants as (
    select * from {{ ref('int_structure__identities') }}
),

final as (
    select
        -- If an earlier project that was first seen here moved, it kept the id.
        {{ hash_id([
            host_label(),
            "coalesce(occupants.first_path, every_project.path) || case "
            ~ "when coalesce(occupants.native_number, 1) = 1 then '' "
            ~ "else chr(31) || occupants.native_number end",
        ]) }} as project_id,
        every_project.path as project_path,
        coalesce(nullif({{ last_part('every_project.path') }}, ''), '/') as project_name,
        every_project.path as path_key,
        every_project.root_path,
        every_project.kind,
        every_project.is_gone,
        every_project.is_pointer,
        every_project.unreadable_since_seq,
        case
            when every_project.kind = 'repository' then coalesce(repositories.vcs, 'git')
            else 'none'
        end as vcs,
        repositories.kind = 'bare' as is_bare,
        repositories.state as repository_state,
        repositories.reason as repository_reason,
        repositories.remote_url,
        repositories.default_branch,
        repositories.head_commit,
        case
            when starts_with(repositories.head_ref, 'refs/heads/')
                then substr(repositories.head_ref, length('refs/heads/') + 1)
        end as head_branch,
        repositories.is_sparse and repositories.kind <> 'bare' as is_sparse,
        {{ has_remark('shallow') }} as is_shallow,
        {{ has_remark('partial') }} as is_partial,
        repositories.last_commit_at,
        coalesce(repositories.has_history, false) as has_history,
        coalesce(repositories.has_tracked_files, false) as has_tracked_files,
        coalesce(repositories.run_id, pointers.run_id, catalogued.run_id) as repository_run_id,
        coalesce(
            occupants.first_seen,
            case every_project.kind
                when 'repository' then coalesce(repositories.first_seen, pointers.first_seen)
                when 'manifest' then coalesce(manifests.first_seen, pointers.first_seen)
            end,
            catalogued.first_seen,
            roots.first_crawled_at
        ) as first_seen,
        coalesce(occupants.first_path, every_project.path) as first_path,
        coalesce(occupants.native_number, 1) as native_number,
    from every_project
    left join occupants on occupants.path = every_project.path
    left join repositories on repositories.path = every_project.path
    left join manifests on manifests.path = every_project.path
    left join pointers on pointers.path = every_project.path
    left join catalogued on catalogued.path = every_project.path
    left join roots on roots.root_path = every_project.root_path
)

select * from final
