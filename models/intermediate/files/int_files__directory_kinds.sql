with directories as (
    select
        path,
        lower(substr(path, length(rtrim(project_path, '/')) + 1)) || '/' as path_in_project,
    from {{ ref('int_structure__directories') }}
    where state = 'listed'
),

rules as (
    select
        rules.file_kind,
        kinds.precedence,
        -- the whole name of a folder, or after a star the end of its name
        case
            when starts_with(rules.pattern, '*') then substr(rules.pattern, 2) || '/'
            else '/' || rules.pattern || '/'
        end as part,
    from {{ ref('file_kind_rules') }} as rules
    inner join {{ ref('file_kinds') }} as kinds using (file_kind)
    where rules.part = 'directory'
),

-- one row per directory whose path gives a kind to its files
final as (
    select
        directories.path,
        min_by(rules.file_kind, rules.precedence) as file_kind,
        min(rules.precedence) as precedence,
    from directories
    inner join rules on contains(directories.path_in_project, rules.part)
    group by directories.path
)

select * from final
