with repositories as (
    select * from {{ ref('git_repositories') }}
),

refs as (
    select * from {{ ref('stg_git__refs') }}
),

final as (
    select
        repositories.project_id,
        repositories.project_path,
        refs.ref_name,
        case
            when refs.ref_name = 'HEAD' then 'head'
            when starts_with(refs.ref_name, 'refs/heads/') then 'branch'
            when starts_with(refs.ref_name, 'refs/remotes/') then 'remote'
            when starts_with(refs.ref_name, 'refs/tags/') then 'tag'
            else 'other'
        end as ref_kind,
        refs.object_id,
        refs.object_type,
        refs.commit_sha,
        refs.symbolic_target,
        ref_kind = 'tag' as is_tag,
        ref_kind = 'remote' as is_remote,
        refs.ref_name = coalesce(repositories.default_ref, 'HEAD') as is_default,
        refs.ahead_count,
        refs.behind_count,
        refs.run_id as source_run_id,
        refs.unpushed_count,
        refs.has_content_on_remote,
    from refs
    inner join repositories
        on repositories.project_path = refs.repository_path
        and repositories.source_run_id = refs.run_id
)

select * from final
