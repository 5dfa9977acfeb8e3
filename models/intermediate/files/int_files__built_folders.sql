with rules as (
    select
        file_kind,
        part,
        pattern,
        unnest(string_split(pattern, ' ')) as mark,
        len(string_split(pattern, ' ')) as mark_count,
    from {{ ref('file_kind_rules') }}
    where part in ('doc_build', 'beside')
),

files as (
    select
        path,
        directory_path,
        lower(name) as name,
        lower(path) as path_in_lower_case,
    from {{ ref('int_files__states') }}
    where state in ('present', 'unreadable') and kind in ('file', 'symlink')
),

marked as (
    select
        rules.file_kind,
        rules.part,
        rules.pattern,
        rules.mark,
        rules.mark_count,
        case
            when rules.part = 'doc_build'
                then left(files.path, length(files.path) - length(rules.mark) - 1)
            else rtrim(files.directory_path, '/') || '/' || string_split(rules.pattern, ' ')[2]
        end as path,
    from files
    inner join rules
        on {{ last_part('rules.mark') }} = files.name
        and ends_with(files.path_in_lower_case, '/' || rules.mark)
),

-- A folder with all the files that a generator of documentation always writes, or the folder into
-- which a tool writes, beside the file that configures the tool.
built as (
    select
        path,
        file_kind,
        part = 'doc_build' as is_doc_build,
    from marked
    where path <> ''
    group by path, file_kind, part, pattern, mark_count
    having count(distinct mark) = mark_count or part = 'beside'
),

-- one row per folder and kind: the kind of all files below it
final as (
    select
        path,
        file_kind,
        bool_or(is_doc_build) as is_doc_build,
    from built
    group by path, file_kind
)

select * from final
