{{ config(materialized='ephemeral') }}
with files as (
    select * from {{ ref('int_files__states') }}
    where state in ('present', 'unreadable') and kind in ('file', 'symlink')
),

directories as (
    select * from {{ ref('int_structure__directories') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
    where not is_gone and not is_pointer
),

repositories as (
    select * from {{ ref('int_structure__repositories') }}
),

path_rules as (
    select * from {{ ref('int_files__path_rules') }}
    where kind = 'top'
),

-- one row per file on disk, in the project of its directory
final as (
    select
        files.*,
        projects.project_id,
        projects.project_path,
        projects.first_path,
        projects.native_number,
        {{ place_at_first('files.path', 'projects') }} as path_at_first,
        projects.vcs,
        repositories.state as repository_state,
        repositories.has_tracked_files,
        substr(files.path, length(rtrim(projects.project_path, '/')) + 2) as file_path,
        directories.unreadable_since_seq,
        path_rules.is_read as has_path_rules,
    from files
    inner join directories on directories.path = files.directory_path
    inner join projects on projects.project_path = directories.project_path
    -- A catalogued project may be inside the work tree of another one.
    left join repositories on repositories.path = directories.work_tree_path
    left join path_rules
        on path_rules.path = coalesce(directories.work_tree_path, directories.root_path)
)

select * from final
