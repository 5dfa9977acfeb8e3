with file_authors as (
    select * from {{ ref('int_git__file_authors') }}
),

projects as (
    select * from {{ ref('projects') }}
),

-- one row per subject and author: how many revisions of it are that author's
shares as (
    select
        'file' as scope,
        project_id,
        file_path as subject,
        author_email,
        author_name,
        revisions,
        last_changed_at,
    from file_authors

    union all

    select
        'project',
        project_id,
        '',
        author_email,
        max_by(author_name, last_changed_at),
        sum(revisions),
        max(last_changed_at),
    from file_authors
    group by project_id, author_email
),

ranked as (
    select
        *,
        sum(revisions) over (partition by scope, project_id, subject) as all_revisions,
        row_number() over best_first as place,
        sum(revisions) over (best_first rows between unbounded preceding and 1 preceding) as revisions_before,
    from shares
    window best_first as (
        partition by scope, project_id, subject
        order by revisions desc, author_email
    )
),

final as (
    select
        ranked.scope,
        ranked.project_id,
        any_value(projects.project_path) as project_path,
        ranked.subject,
        max(ranked.author_email) filter (where ranked.place = 1) as main_author_email,
        max(ranked.author_name) filter (where ranked.place = 1) as main_author_name,
        max(ranked.revisions) / max(ranked.all_revisions) as main_author_share,
        -- without these authors more than half of the revisions would be nobody's who is left
        count(*) filter (where coalesce(ranked.revisions_before, 0) * 2 <= ranked.all_revisions) as bus_factor,
        count(*) as author_count,
        cast(max(ranked.all_revisions) as bigint) as revisions,
        max(ranked.last_changed_at) as last_changed_at,
        any_value(projects.source_run_id) as source_run_id,
    from ranked
    inner join projects on projects.project_id = ranked.project_id
    group by ranked.scope, ranked.project_id, ranked.subject
)

select * from final
