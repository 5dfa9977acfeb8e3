with files as (
    select
        path,
        directory_path,
        lower(name) as name,
        tags,
        is_binary,
    from {{ ref('int_files__states') }}
    where state in ('present', 'unreadable') and kind in ('file', 'symlink')
),

languages as (
    select * from {{ ref('int_files__languages') }}
),

by_directory as (
    select * from {{ ref('int_files__directory_kinds') }}
),

by_name as (
    select * from {{ ref('int_files__name_kinds') }}
),

kinds as (
    select file_kind, precedence from {{ ref('file_kinds') }}
),

lowest as (
    select max(precedence) as precedence from kinds
),

-- one row per file: of the kinds that its folder, name and content give, the first in precedence
final as (
    select
        files.path,
        languages.language,
        -- Data and documents in test folders are not tests; files of unknown formats may be.
        coalesce(by_content.file_kind, 'other') not in ('data', 'doc') as is_code,
        coalesce(languages.has_inline_tests, false) as has_inline_tests,
        first_kind.file_kind,
    from files
    cross join lowest
    left join languages on languages.tags = files.tags
    left join by_directory on by_directory.path = files.directory_path
    left join by_name on by_name.name = files.name
    left join kinds as by_content
        on by_content.file_kind
        = coalesce(languages.file_kind, case when files.is_binary then 'data' end)
    left join kinds as by_tag on by_tag.file_kind = 'generated' and languages.is_generated
    inner join kinds as first_kind
        on first_kind.precedence = least(
            coalesce(by_directory.precedence, lowest.precedence),
            coalesce(by_name.precedence, lowest.precedence),
            coalesce(by_tag.precedence, lowest.precedence),
            coalesce(by_content.precedence, lowest.precedence)
        )
)

select * from final
