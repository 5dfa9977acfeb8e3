with directories as (
    select
        path,
        project_path,
        lower(substr(path, length(rtrim(project_path, '/')) + 1)) || '/' as path_in_project,
    from {{ ref('int_structure__directories') }}
    where state = 'listed'
),

rules as (
    select
        rules.file_kind,
        rules.part,
        kinds.precedence,
        starts_with(rules.pattern, '/') as is_at_top,
        -- the whole name of a folder, or after a star the end of its name
        case
            when starts_with(rules.pattern, '*') then substr(rules.pattern, 2) || '/'
            else '/' || ltrim(rules.pattern, '/') || '/'
        end as folder,
    from {{ ref('file_kind_rules') }} as rules
    inner join {{ ref('file_kinds') }} as kinds using (file_kind)
    where rules.part in ('directory', 'tests_found_below', 'page_directory', 'no_tests_below')
),

matches as (
    select
        directories.path,
        rules.*,
        -- the outermost folder that the rule is about
        directories.project_path
        || split_part(directories.path_in_project, rules.folder, 1)
        || rules.folder as place,
    from directories
    inner join rules
        on case
            when rules.is_at_top then starts_with(directories.path_in_project, rules.folder)
            else contains(directories.path_in_project, rules.folder)
        end
),

-- A folder `spec` has tests, their helpers and data if a runner finds a test in it; the others have
-- specifications, or code about them.
found as (
    select distinct matches.place
    from matches
    inner join {{ ref('int_files__states') }} as files on files.directory_path = matches.path
    inner join {{ ref('int_files__name_kinds') }} as names
        on names.name = files.name and names.directory_path is null
    where
        matches.part = 'tests_found_below'
        and names.file_kind = 'test'
        and files.state = 'present'
),

-- one row per directory whose path gives a kind to its files: to code, to others, or to both
final as (
    select
        matches.path,
        sides.is_code,
        min_by(matches.file_kind, matches.precedence) filter (where part <> 'no_tests_below')
            as file_kind,
        min(matches.precedence) filter (where part <> 'no_tests_below') as precedence,
        bool_or(part = 'no_tests_below') as has_no_tests,
    from matches
    inner join (values (true), (false)) as sides (is_code)
        on case matches.part
            when 'page_directory' then not sides.is_code
            when 'tests_found_below' then matches.place in (select place from found)
            else true
        end
    group by matches.path, sides.is_code
)

select * from final
