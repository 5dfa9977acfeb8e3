with repositories as (
    select project_id, commit_count from {{ ref('git_repositories') }}
),

commits as (
    select
        commits.*,
        lower(person_email) = lower(author_email) and person_name = author_name as is_as_written,
        repositories.commit_count,
    from {{ ref('commits') }} as commits
    left join repositories using (project_id)
),

-- A commit that several projects share counts once, with the mapping of one that maps it. It counts
-- for the one with the longest history: the others are copies of that, or older.
mapped as (
    select
        *,
        lower(first_value(person_email) over of_commit) as email,
        first_value(person_name) over of_commit as name,
        first_value(project_id) over (
            partition by commit_sha
            order by commit_count desc nulls last, project_id
        ) as counted_project_id,
    from commits
    window of_commit as (
        partition by commit_sha
        order by is_as_written, project_id
    )
),

final as (
    select
        email as author_email,
        max_by(name, committed_at) as author_name,
        {{ as_json_text('list_sort(list(distinct author_name))') }} as author_names,
        count(distinct commit_sha) as commit_count,
        count(distinct counted_project_id) as project_count,
        min(committed_at) as first_commit_at,
        max(committed_at) as last_commit_at,
        max(source_run_id) as source_run_id,
        bool_or(is_bot) as is_bot,
    from mapped
    group by email
)

select * from final
