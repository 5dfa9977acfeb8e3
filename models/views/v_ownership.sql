with ownership as (
    select * from {{ ref('int_git__ownership') }}
),

projects as (
    select * from {{ ref('projects') }}
),

final as (
    select
        ownership.scope,
        ownership.project_id,
        projects.project_path,
        ownership.subject,
        ownership.main_author_email,
        ownership.main_author_name,
        ownership.main_author_share,
        ownership.bus_factor,
        ownership.author_count,
        cast(ownership.revisions as bigint) as revisions,
        ownership.last_changed_at,
        projects.source_run_id,
    from ownership
    inner join projects using (project_id)
)

select * from final
