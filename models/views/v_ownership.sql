with ownership as (
    select * from {{ ref('int_git__ownership') }}
),

projects as (
    select * from {{ ref('projects') }}
),

repeats as (
    select * from {{ ref('int_git__repeats') }}
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
        ownership.basis,
        repeats.project_id is not null as is_repeat,
    from ownership
    inner join projects using (project_id)
    left join repeats on repeats.project_id = ownership.project_id
)

select * from final
