with changes as (
    select * from {{ ref('int_changes__projects') }}

    union all by name

    select * from {{ ref('int_changes__findings') }}

    union all by name

    select * from {{ ref('int_changes__refs') }}
),

-- A project that moved since has its present path.
projects as (
    select project_id, project_path, project_name from {{ ref('int_structure__projects') }}
),

final as (
    select
        {{ hash_id(['changes.change_kind', 'changes.change_key']) }} as change_id,
        changes.* exclude (change_key, project_path),
        coalesce(projects.project_path, changes.project_path) as project_path,
        coalesce(projects.project_name, {{ last_part('changes.project_path') }}) as project_name,
    from changes
    left join projects using (project_id)
)

select * from final
