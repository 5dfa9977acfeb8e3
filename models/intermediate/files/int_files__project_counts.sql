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
        current_files.is_own and current_files.file_kind = 'source' as is_source,
        current_files.is_own and current_files.file_kind = 'test' as is_test,
        current_files.is_own and current_files.file_kind = 'doc' as is_doc,
        -- An ignored file is counted as such, whatever its kind.
        case
            when is_own then 'own'
            when is_ignored then 'ignored'
            else current_files.file_kind
        end as share,
        -- Licences and lists of names and releases explain no code.
        is_doc
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
    where is_source and language is not null
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
        count(*) filter (where is_source) as source_files,
        coalesce(sum(source_line_count) filter (where is_source), 0) as source_lines,
        {% for columns, condition in [
            ('program', 'is_source and needs_tests'),
            ('noticed', 'is_source and needs_tests and has_notice'),
        ] -%}
        count(*) filter (where {{ condition }}) as {{ columns }}_files,
        coalesce(sum(source_line_count) filter (where {{ condition }}), 0)
            as {{ columns }}_lines,
        {% endfor -%}
        count(*) filter (where is_test) as test_files,
        -- the tests, without the data that they use
        coalesce(sum(source_line_count) filter (where is_test and is_code), 0) as test_lines,
        count(*) filter (where is_doc) as doc_files,
        coalesce(sum(line_count) filter (where is_explanation), 0) as doc_lines,
        -- Documentation beside the readme, the licence and the like at the top. Pages that a
        -- generator wrote from the code are documentation too, but not own files.
        count(*) filter (where (is_doc or (is_doc_build and share <> 'ignored')) and not is_at_top)
            as further_doc_files,
        bool_or(is_readme and is_own) as has_readme,
        bool_or(is_license and is_own) as has_license,
        bool_or(file_kind = 'ci' and is_own) as has_ci,
        bool_and(is_ignored is not null) as is_ignored_known,
        {% for share in ['own', 'ignored', 'vendored', 'generated'] -%}
        count(*) filter (where share = '{{ share }}') as {{ share }}_files,
        coalesce(sum(line_count) filter (where share = '{{ share }}'), 0) as {{ share }}_lines,
        {% endfor -%}
        count(*) filter (where is_own and ext = 'ipynb') as notebook_files,
        coalesce(sum(source_line_count) filter (where is_own and ext = 'ipynb'), 0)
            as notebook_lines,
        max_by(run_id, run_seq) as run_id,
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
