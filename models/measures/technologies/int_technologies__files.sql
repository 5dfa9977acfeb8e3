{{ config(materialized='ephemeral') }}
with words as (
    select
        string_agg(pattern, '|' order by pattern) filter (where part = 'example') as examples,
        string_agg(pattern, '|' order by pattern)
        filter (where part = 'directory' and file_kind = 'doc') as documents,
        string_agg(pattern, '|' order by pattern)
        filter (where part = 'directory' and file_kind = 'test' and pattern not like '*%')
            as tests,
    from {{ ref('file_kind_rules') }}
),

-- one row per own or generated file, with the place that decides how much it shows
final as (
    select
        files.project_id,
        files.path,
        files.file_path,
        lower(files.name) as name,
        '/' || lower(files.file_path) as path_in_project,
        files.language,
        files.file_kind,
        files.size_bytes,
        files.run_id,
        case
            -- A package of Java may be called samples: below a folder of sources, names mean less.
            when
                regexp_matches(path_in_project, '/(' || words.examples || ')/')
                and not regexp_matches(path_in_project, '/src/.*/(' || words.examples || ')/')
                then 'docs'
            when
                files.file_kind = 'test'
                or (
                    files.file_kind = 'generated'
                    and regexp_matches(path_in_project, '/(' || words.tests || ')/')
                )
                then 'tests'
            when regexp_matches(path_in_project, '^(' || words.documents || ')/') then 'docs'
            when files.file_kind = 'generated' then 'generated'
            else 'own'
        end as place,
    from {{ ref('int_files__current') }} as files
    cross join words
    where files.is_own or (files.file_kind = 'generated' and not coalesce(files.is_ignored, false))
)

select * from final
