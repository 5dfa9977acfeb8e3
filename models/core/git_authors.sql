with commits as (
    select * from {{ ref('commits') }}
),

-- A commit that several projects share counts once.
final as (
    select
        lower(author_email) as author_email,
        max_by(author_name, committed_at) as author_name,
        {{ as_json_text('list_sort(list(distinct author_name))') }} as author_names,
        count(distinct commit_sha) as commit_count,
        count(distinct project_id) as project_count,
        min(committed_at) as first_commit_at,
        max(committed_at) as last_commit_at,
        max(source_run_id) as source_run_id,
    from commits
    group by lower(author_email)
)

select * from final
