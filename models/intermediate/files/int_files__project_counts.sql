with current_files as (
    select * from {{ ref('int_files__current') }}
),

document_names as (
    select * from {{ ref('int_files__document_names') }}
),

files as (
    select
        current_files.*,
        not contains(current_files.file_path, '/') as is_at_top,
        coalesce(document_names.is_readme, false) as is_readme,
        coalesce(document_names.is_license, false) as is_license,
        -- Licences and lists of names and releases explain no code.
        current_files.file_kind = 'doc'
        and not (current_files.is_code and current_files.language is not null)
        and coalesce(document_names.is_explanation, true) as is_explanation,
    from current_files
    left join document_names using (path)
),

language_sizes as (
    select
        project_id,
        language,
        {{ sum_to_bigint('source_size_bytes') }} as source_bytes,
    from files
    where file_kind = 'source' and language is not null
    group by project_id, language
),

primary_languages as (
    select
        project_id,
        max_by(language, (source_bytes, language)) as primary_language,
    from language_sizes
    group by project_id
),

counted as (
    select
        project_id,
        count(*) as file_count,
        sum(line_count) as line_count,
        {{ sum_to_bigint('size_bytes') }} as size_bytes,
        count(*) filter (where file_kind = 'source') as source_files,
        coalesce(sum(source_line_count) filter (where file_kind = 'source'), 0) as source_lines,
        coalesce(sum(source_line_count) filter (where file_kind = 'source' and has_inline_tests), 0)
            as inline_test_lines,
        count(*) filter (where file_kind = 'test') as test_files,
        -- the tests, without the data that they use
        coalesce(sum(source_line_count) filter (where file_kind = 'test' and is_code), 0)
            as test_lines,
        count(*) filter (where file_kind = 'doc') as doc_files,
        coalesce(sum(line_count) filter (where is_explanation), 0) as doc_lines,
        -- documentation beside the readme, the licence and the like at the top
        count(*) filter (where file_kind = 'doc' and not is_at_top) as further_doc_files,
        bool_or(is_readme) as has_readme,
        bool_or(is_license) as has_license,
        bool_or(file_kind = 'ci') as has_ci,
        max_by(run_id, last_seen) as run_id,
    from files
    group by project_id
),

-- one row per project with files
final as (
    select
        counted.*,
        primary_languages.primary_language,
    from counted
    left join primary_languages using (project_id)
)

select * from final
