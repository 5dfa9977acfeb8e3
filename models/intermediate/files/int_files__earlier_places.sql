with projects as (
    select * from {{ ref('int_structure__projects') }}
),

moves as (
    select * from {{ ref('int_structure__moves') }}
),

directories as (
    select * from {{ ref('int_structure__directories') }}
),

-- a folder of a project that moved, and a place at which it was before
earlier as (
    select
        directories.path,
        moves.from_path || substr(directories.path, length(projects.project_path) + 1)
            as earlier_path,
        moves.used_from,
        moves.moved_at,
    from moves
    inner join projects using (first_path, native_number)
    inner join directories using (project_path)
),

-- one row per file that was at an earlier place of its project: since when
final as (
    select
        earlier.path || '/' || files.name as path,
        min(greatest(files.first_seen, earlier.used_from)) as first_seen,
    from earlier
    inner join {{ ref('int_files__states') }} as files
        on files.directory_path = earlier.earlier_path and files.first_seen < earlier.moved_at
    group by earlier.path, files.name
)

select * from final
