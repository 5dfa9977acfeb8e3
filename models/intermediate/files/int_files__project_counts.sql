with files as (
    select * from {{ ref('int_files__current') }}
),

language_sizes as (
    select
        project_id,
        language,
        least(sum(size_bytes), 9223372036854775807) as source_bytes,
    from files
    where file_kind = 'source' and language is not null
    group by project_id, language
),

primary_languages as (
    select
        project_id,
        arg_max(language, (source_bytes, language)) as primary_language,
    from language_sizes
    group by project_id
),

counted as (
    select
        project_id,
        count(*) as file_count,
        sum(line_count) as line_count,
        -- Two sparse files are enough to claim more bytes than 64 bits count.
        least(sum(size_bytes), 9223372036854775807) as size_bytes,
        count(*) filter (where file_kind = 'source') as source_files,
        coalesce(sum(line_count) filter (where file_kind = 'source'), 0) as source_lines,
        coalesce(sum(line_count) filter (where file_kind = 'source' and has_inline_tests), 0) as inline_test_lines,
        count(*) filter (where file_kind = 'test') as test_files,
        -- what tests, without the data that it tests with
        coalesce(sum(line_count) filter (where file_kind = 'test' and is_code), 0) as test_lines,
        count(*) filter (where file_kind = 'doc') as doc_files,
        -- what explains the code: neither licences, nor lists of names and releases
        coalesce(sum(line_count) filter (
            where file_kind = 'doc' and not (is_code and language is not null)
                and not regexp_full_match(
                    lower(name),
                    '(licen[cs]e|copying|unlicense|notice|authors|contributors|changelog|changes|history|news)([.-].*)?'
                )
        ), 0) as doc_lines,
        -- further documentation: what people write beside the readme, the licence and the like at the top
        count(*) filter (where file_kind = 'doc' and contains(file_path, '/')) as further_doc_files,
        bool_or(not contains(file_path, '/') and regexp_full_match(lower(name), 'readme(\..+)?')) as has_readme,
        bool_or(
            not contains(file_path, '/') and regexp_full_match(lower(name), '(licen[cs]e|copying|unlicense)([.-].*)?')
        ) as has_license,
        bool_or(file_kind = 'ci') as has_ci,
        max_by(run_id, last_seen) as run_id,
    from files
    group by project_id
),

-- one row per project that holds files
final as (
    select
        counted.*,
        primary_languages.primary_language,
    from counted
    left join primary_languages using (project_id)
)

select * from final
