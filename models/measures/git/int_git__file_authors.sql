with commits as (
    select
        commits.project_id,
        commits.commit_sha,
        lower(commits.person_email) as author_email,
        commits.person_name as author_name,
        commits.is_bot,
        commits.committed_at,
    from {{ ref('commits') }} as commits
    anti join {{ ref('int_git__future_commits') }} using (project_id, commit_sha)
    where {{ is_own_work('commits') }}
),

touched as (
    select * from {{ ref('int_git__touched_lines') }}
),

-- one row per commit and file of today
dated as (
    select
        touched.*,
        commits.* exclude (project_id, commit_sha),
        sum(touched.grown_lines - touched.shrunk_lines) over (
            in_order rows between unbounded preceding and 1 preceding
        ) as lines_before,
    from touched
    inner join commits using (project_id, commit_sha)
    window in_order as (
        partition by touched.project_id, touched.file_path
        order by commits.committed_at, touched.commit_sha
    )
),

-- The owners of removed lines are unknown: the lines are taken from all earlier authors alike.
survived as (
    select
        *,
        grown_lines * exp(coalesce(
            sum(
                ln(greatest(1e-9, 1 - shrunk_lines / greatest(lines_before, shrunk_lines, 1)))
            ) over (
                partition by project_id, file_path
                order by committed_at, commit_sha
                rows between 1 following and unbounded following
            ),
            0
        )) as surviving_lines,
    from dated
),

final as (
    select
        project_id,
        file_path,
        author_email,
        max_by(author_name, (committed_at, author_name)) as author_name,
        bool_and(is_bot) as is_bot,
        count(*) as revisions,
        count(*) filter (where not is_sweep) as own_revisions,
        -- Which of them are recent is decided by the day of the build, further on.
        list(
            struct_pack(day := cast(committed_at as date), changed_lines := changed_lines)
            order by committed_at, commit_sha
        ) as changes,
        -- NULL if the lines of one of its commits were not counted
        case when bool_and(grown_lines is not null) then {{ stable_sum('surviving_lines') }} end
            as surviving_lines,
        max(committed_at) as last_changed_at,
    from survived
    group by project_id, file_path, author_email
)

select * from final
