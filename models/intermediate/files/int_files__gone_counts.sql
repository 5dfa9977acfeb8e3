with gone_projects as (
    select project_id, project_path, unreadable_since_seq as gone_since_seq
    from {{ ref('int_structure__projects') }}
    where is_gone and unreadable_since_seq is not null
),

gone_directories as (
    select
        path,
        unnest({{ ancestors('path') }}) as above_path,
    from {{ ref('int_structure__directory_states') }}
    where state = 'gone'
),

-- each directory that went with a project, by its innermost project
folders as (
    select
        gone_directories.path,
        max_by(gone_projects, length(gone_projects.project_path)) as project,
    from gone_directories
    inner join gone_projects on gone_projects.project_path = gone_directories.above_path
    group by gone_directories.path
),

last_states as (
    select
        folders.project.project_id as project_id,
        files.path,
        max_by(files, files.run_seq) as file,
    from folders
    inner join {{ ref('stg_crawl__files') }} as files
        on files.directory_path = folders.path
        and files.run_seq < folders.project.gone_since_seq
    group by folders.project.project_id, files.path
),

files as (
    select
        project_id,
        path,
        file.size_bytes as size_bytes,
        file.line_count as line_count,
        file.tags as tags,
    from last_states
    where file.state in ('present', 'unreadable') and file.kind in ('file', 'symlink')
),

tagged as (
    select *, unnest(tags) as tag from files
),

-- a source file by the language of its tag with the highest precedence
sources as (
    select
        tagged.project_id,
        any_value(tagged.size_bytes) as size_bytes,
        min_by(languages.language, languages.precedence) as language,
    from tagged
    inner join {{ ref('file_languages') }} as languages using (tag)
    group by tagged.project_id, tagged.path
    having min_by(languages.file_kind, languages.precedence) = 'source'
),

language_sizes as (
    select project_id, language, sum(size_bytes) as source_bytes
    from sources
    where language is not null
    group by project_id, language
),

languages as (
    select project_id, max_by(language, (source_bytes, language)) as primary_language
    from language_sizes
    group by project_id
),

-- one row per project that is gone: its files when it was last seen
final as (
    select
        files.project_id,
        count(*) as file_count,
        sum(files.line_count) as line_count,
        {{ sum_to_bigint('files.size_bytes') }} as size_bytes,
        any_value(languages.primary_language) as primary_language,
    from files
    left join languages using (project_id)
    group by files.project_id
)

select * from final
