with files as (
    select * from {{ ref('int_files__states') }}
    where state in ('present', 'unreadable') and kind in ('file', 'symlink')
),

-- the languages of notebooks, by the tags and names of languages
kernels as (
    select code_language, min(language) as language
    from (
        select unnest([tag, lower(language)]) as code_language, language
        from {{ ref('file_languages') }}
    ) as named
    group by code_language
),

kinds as (
    select file_kind, precedence from {{ ref('file_kinds') }}
),

fixed as (
    select
        max(precedence) as lowest,
        max(precedence) filter (where file_kind = 'generated') as generated,
        max(precedence) filter (where file_kind = 'test') as test,
    from kinds
),

contents as (
    select
        files.*,
        coalesce(kernels.language, languages.language) as language,
        coalesce(languages.has_inline_tests, false) as has_inline_tests,
        coalesce(languages.needs_tests, false) as needs_tests,
        coalesce(languages.has_notice, false) as has_notice,
        coalesce(languages.is_generated, false) as is_generated,
        coalesce(languages.is_test, false) as is_test,
        coalesce(
            case when files.code_lines > 0 then 'source' when files.code_lines = 0 then 'doc' end,
            languages.file_kind,
            case when files.is_binary then 'data' end,
            'other'
        ) as content_kind,
        -- Pages in HTML are written and read like documents.
        content_kind in ('doc', 'other') or coalesce(languages.language = 'HTML', false)
            as could_be_page,
    from files
    left join {{ ref('int_files__languages') }} as languages using (tags)
    left join kernels using (code_language)
),

-- one row per file: of the kinds that its folder, name and content give, the first in precedence
final as (
    select
        contents.path,
        contents.language,
        -- Data, settings and documents in test folders are not tests; unknown formats may be.
        contents.content_kind not in ('data', 'doc', 'config') as is_code,
        contents.has_inline_tests,
        contents.needs_tests,
        contents.has_notice,
        first_kind.file_kind,
        contents.could_be_page,
        coalesce(contents.code_lines, contents.line_count) as source_line_count,
        coalesce(contents.code_bytes, contents.size_bytes) as source_size_bytes,
    from contents
    cross join fixed
    left join {{ ref('int_files__directory_kinds') }} as by_directory
        on by_directory.path = contents.directory_path
        and by_directory.is_code = (contents.content_kind = 'source' and not contents.could_be_page)
    left join {{ ref('int_files__name_kinds') }} as by_name
        on by_name.name = contents.name and by_name.directory_path is null
    left join {{ ref('int_files__name_kinds') }} as by_place
        on by_place.name = contents.name and by_place.directory_path = contents.directory_path
    inner join kinds as by_content on by_content.file_kind = contents.content_kind
    inner join kinds as first_kind
        on first_kind.precedence = least(
            -- The name knows better what a plain text such as requirements.txt is for.
            case
                when contents.content_kind <> 'doc' or by_name.file_kind is null
                    then by_content.precedence
                else fixed.lowest
            end,
            coalesce(by_directory.precedence, fixed.lowest),
            case when contents.is_generated then fixed.generated else fixed.lowest end,
            -- A program called `install` or `news.py` is not a document.
            case
                when by_name.file_kind = 'doc' and not contents.could_be_page then fixed.lowest
                when by_name.file_kind = 'test' and by_directory.has_no_tests then fixed.lowest
                else coalesce(by_name.precedence, fixed.lowest)
            end,
            case
                when by_place.file_kind <> 'doc' or contents.could_be_page then by_place.precedence
            end,
            case when contents.is_test and by_directory.has_no_tests is not true then fixed.test end
        )
)

select * from final
