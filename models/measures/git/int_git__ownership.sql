{{ config(materialized='ephemeral') }}
with file_authors as (
    select * from {{ ref('int_git__file_authors') }}
),

-- one row per subject (a file, or the whole project) and author
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
        'project' as scope,
        project_id,
        '' as subject,
        author_email,
        max_by(author_name, last_changed_at) as author_name,
        sum(revisions) as revisions,
        max(last_changed_at) as last_changed_at,
    from file_authors
    group by project_id, author_email
),

ranked as (
    select
        *,
        sum(revisions) over (partition by scope, project_id, subject) as all_revisions,
        row_number() over best_first as place,
        coalesce(
            sum(revisions) over (
                best_first rows between unbounded preceding and 1 preceding
            ),
            0
        ) as revisions_before,
    from shares
    window best_first as (
        partition by scope, project_id, subject
        order by revisions desc, author_email
    )
),

final as (
    select
        scope,
        project_id,
        subject,
        max(author_email) filter (where place = 1) as main_author_email,
        max(author_name) filter (where place = 1) as main_author_name,
        max(revisions) / max(all_revisions) as main_author_share,
        -- the fewest authors with more than half of the revisions
        count(*) filter (where revisions_before * 2 <= all_revisions) as bus_factor,
        count(*) as author_count,
        max(all_revisions) as revisions,
        max(last_changed_at) as last_changed_at,
    from ranked
    group by scope, project_id, subject
)

select * from final
