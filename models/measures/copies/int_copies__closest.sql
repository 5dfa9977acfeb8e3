{{ config(materialized='ephemeral') }}
with origins as (
    select * from {{ ref('int_copies__origins') }}
),

folders as (
    select * from {{ ref('int_copies__folders') }}
),

clones as (
    select * from {{ ref('int_mirrors__clones') }}
),

repositories as (
    select project_id, commit_count from {{ ref('git_repositories') }}
),

commits as (
    select project_id, commit_sha, is_in_default from {{ ref('commits') }}
    where is_reachable
),

-- the commits of a repository that another one does not have, and whether that one has its HEAD
compared as (
    select
        origins.folder_path,
        origins.origin_path,
        count(*) filter (where there.commit_sha is null) as own_commits,
        bool_or(there.commit_sha = folders.head_commit) as has_head,
    from origins
    inner join folders using (folder_path)
    inner join commits on commits.project_id = folders.project_id
    left join commits as there
        on there.project_id = origins.origin_id and there.commit_sha = commits.commit_sha
    where folders.is_repository
    group by origins.folder_path, origins.origin_path
),

placed as (
    select
        origins.*,
        folders.project_path,
        folders.head_commit,
        compared.own_commits,
        coalesce(compared.has_head, false) as has_head,
        -- A repository is an old state if it is behind the other, or a clone of it, and has no
        -- commits of its own.
        folders.is_project
        and (
            not folders.is_repository
            or (clones.copy_path is not null and compared.own_commits = 0)
        ) as is_old_state,
        origins.origin_path in (select copy_path from clones) as is_origin_copy,
        mirrors.mirror_path is not null as is_original,
        -- The HEAD of a fork has commits that the default branch does not have.
        coalesce(heads.is_in_default, false) as is_origin_default,
        repositories.commit_count,
    from origins
    inner join folders using (folder_path)
    inner join folders as origin_folders on origin_folders.folder_path = origins.origin_path
    left join commits as heads
        on heads.project_id = origins.origin_id
        and heads.commit_sha = origin_folders.head_commit
    left join compared using (folder_path, origin_path)
    left join clones
        on clones.copy_path = origins.folder_path and clones.original_path = origins.origin_path
    left join {{ ref('int_mirrors__mirrors') }} as mirrors
        on mirrors.mirror_path = origins.folder_path
        and mirrors.original_project_path = origins.origin_path
    left join repositories on repositories.project_id = origins.origin_id
),

-- one row per folder with the repository that it is most probably a copy of
final as (
    select *
    from placed
    qualify row_number() over (
        partition by folder_path
        order by
            is_old_state desc,
            is_origin_copy,
            is_original desc,
            is_origin_default desc,
            known_files desc,
            -- A fork has more commits than its repository.
            commit_count,
            length(origin_path),
            origin_path
    ) = 1
)

select * from final
