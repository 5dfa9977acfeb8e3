with projects as (select * from {{ ref('int_structure__projects') }}),

crawls as (select * from {{ ref('int_structure__project_crawls') }}),

labels as (select * from {{ ref('int_structure__labels') }}),

final as (
    select
        projects.project_id,
        projects.project_path,
        projects.project_name,
        projects.root_path,
        projects.vcs,
        projects.remote_url,
        projects.default_branch,
        projects.head_commit,
        projects.kind,
        projects.path_key,
        projects.is_gone,
        projects.first_seen,
        crawls.last_crawled_at as last_seen,
        coalesce(crawls.run_id, projects.repository_run_id) as source_run_id,
        projects.repository_state,
        projects.repository_reason,
        projects.head_branch,
        projects.is_sparse,
        projects.is_shallow,
        projects.is_partial,
        coalesce(labels.project_groups, '[]') as project_groups,
        coalesce(labels.project_tags, '[]') as project_tags,
        labels.lifecycle,
    from projects
    left join crawls using (project_id)
    left join labels using (project_id)
)

select * from final
