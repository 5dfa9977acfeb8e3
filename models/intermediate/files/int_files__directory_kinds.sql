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
    where rules.part in ('directory', 'code_directory', 'page_directory', 'no_tests_below')
),

matches as (
    select
        directories.path,
        rules.*,
        -- the folder that the rule is about
        directories.project_path || substr(
            directories.path_in_project, 1, strpos(directories.path_in_project, rules.folder)
        ) as place,
    from directories
    inner join rules
        on case
            when rules.is_at_top then starts_with(directories.path_in_project, rules.folder)
            else contains(directories.path_in_project, rules.folder)
        end
),

-- Data beside code belong to the code: in `spec/`, RSpec has both, and a specification has no code.
with_code as (
    select distinct matches.place
    from matches
    inner join {{ ref('int_files__states') }} as files on files.directory_path = matches.path
    inner join {{ ref('int_files__languages') }} as languages using (tags)
    where
        matches.part = 'code_directory'
        and languages.file_kind = 'source'
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
            when 'code_directory'
                then sides.is_code or matches.place in (select place from with_code)
            else true
        end
    group by matches.path, sides.is_code
)

select * from final
