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

kinds as (
    select file_kind, precedence from {{ ref('file_kinds') }}
),

-- the kind with the least precedence number wins, whoever says it: folder, name or content
final as (
    select
        files.path,
        languages.language,
        -- Data and documents that tests use are no tests; of unknown formats some are.
        coalesce(by_content.file_kind, 'other') not in ('data', 'doc') as is_code,
        coalesce(languages.has_inline_tests, false) as has_inline_tests,
        least_kind.file_kind,
    from files
    left join {{ ref('int_files__languages') }} as languages on languages.tags = files.tags
    left join {{ ref('int_files__directory_kinds') }} as by_directory
        on by_directory.path = files.directory_path
    left join {{ ref('int_files__name_kinds') }} as by_name on by_name.name = files.name
    left join kinds as by_content
        on by_content.file_kind = coalesce(languages.file_kind, case when files.is_binary then 'data' end)
    inner join kinds as least_kind
        on least_kind.precedence = least(
            coalesce(by_directory.precedence, 99),
            coalesce(by_name.precedence, 99),
            case when languages.is_generated then 2 else 99 end,
            coalesce(by_content.precedence, (select max(precedence) from kinds))
        )
)

select * from final
