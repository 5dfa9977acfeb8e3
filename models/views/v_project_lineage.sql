with shared_history as (
    select * from {{ ref('int_git__shared_history') }}
),

projects as (
    select * from {{ ref('projects') }}
),

final as (
    select
        shared_history.project_a_id,
        project_a.project_path as project_a_path,
        shared_history.project_b_id,
        project_b.project_path as project_b_path,
        cast(shared_history.shared_commits as bigint) as shared_commits,
        cast(shared_history.commits_only_a as bigint) as commits_only_a,
        cast(shared_history.commits_only_b as bigint) as commits_only_b,
        shared_history.has_same_root,
        project_a.head_commit = project_b.head_commit as has_same_head,
        shared_history.relation,
        greatest(project_a.source_run_id, project_b.source_run_id) as source_run_id,
    from shared_history
    inner join projects as project_a on project_a.project_id = shared_history.project_a_id
    inner join projects as project_b on project_b.project_id = shared_history.project_b_id
)

select * from final
