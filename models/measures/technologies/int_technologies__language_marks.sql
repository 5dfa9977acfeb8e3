{{ config(materialized='ephemeral') }}
with settings as (
    {{ settings_of('technology_settings', [
        'min_language_files', 'min_language_share', 'language_weight',
    ]) }}
),

files as (
    select * from {{ ref('int_technologies__files') }}
    where
        place in ('own', 'tests')
        and file_kind in ('source', 'test')
),

-- Markup and styles in tests are data, and one page of them does not make a language.
languages as (
    select language, bool_or(needs_tests) as is_program from {{ ref('file_languages') }}
    where file_kind = 'source'
    group by language
),

counted as (
    select
        project_id,
        language,
        languages.is_program,
        count(*) as file_count,
        sum(size_bytes) as bytes,
        max_by(file_path, (size_bytes, file_path)) as file_path,
        max(run_id) as run_id,
    from files
    inner join languages using (language)
    where files.place = 'own' or languages.is_program
    group by project_id, language, languages.is_program
),

-- one row per project and language that counts
final as (
    select
        counted.project_id,
        counted.file_path,
        'own' as place,
        counted.run_id,
        counted.language as technology_name,
        'language' as technology_type,
        'language' as kind,
        'any' as of_what,
        counted.file_count || ' files' as pattern,
        settings.language_weight as weight,
        true as counts_in_dev,
        true as counts_in_docs,
        true as counts_in_tests,
        false as counts_in_generated,
    from counted
    cross join settings
    qualify
        counted.file_count >= settings.min_language_files
        or (
            counted.is_program
            and counted.bytes >= settings.min_language_share
            * sum(counted.bytes) over (partition by counted.project_id)
        )
)

select * from final
