{% set rule = 'DUPLICATE_MIRROR_CONTENT' %}
with crawls as (
    select project_id, crawl_age_days from {{ ref('int_files__project_measures') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

mirrors as (
    select * from {{ ref('int_copies__texts') }}
),

-- a directory that mirrors another, or a project
subjects as (
    select project_path, mirror_path as subject from mirrors

    union

    select project_path, project_path as subject from projects
),

final as (
    select
        'DUPLICATE_MIRROR_CONTENT' as gap_type,
        projects.project_id,
        projects.project_path,
        subjects.subject,
        case
            when projects.is_gone then 'not_applicable'
            -- Also among loose files: the directory is judged.
            when mirrors.mirror_path is not null then 'fail'
            when projects.kind = 'loose_files' then 'not_applicable'
            when crawls.crawl_age_days is null then 'unknown'
            else 'pass'
        end as verdict,
        {{ stake('coalesce(identical_files, known_files)', rule) }} as stake,
        coalesce(mirrors.identical_share, mirrors.known_share) as confidence_ratio,
        case when mirrors.is_old_state then 'old_state' end as situation,
        {{ json_object([
            ('mirrors', 'original_path'), 'identical_files',
            ('identical_share', 'round(identical_share, 3)'), ('files_here', 'mirror_files'),
            ('files_there', 'original_files'), 'is_exact', ('size_bytes', 'mirror_size_bytes'),
            'known_files', 'own_files', 'own_places', 'own_commits', 'state_commit',
            ('state_at', "strftime(state_at, '%Y-%m-%d %H:%M:%S')"), 'state_tag',
        ]) }} as evidence,
        {{ json_object([
            ('original_here', short_path('original_path', 'root_path')), 'original_project_path',
            'state_text', 'state_advice', 'file_count',
        ]) }} as text_values,
        -- If a project is mostly a copy, that is decided before anything else is done to it.
        subjects.subject = projects.project_path
        and (
            mirrors.is_old_state
            or mirrors.identical_share >= {{ threshold(rule, 'min_identical_share') }}
        ) as settles_project,
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        mirrors.run_id,
    from subjects
    inner join projects using (project_path)
    left join mirrors on mirrors.mirror_path = subjects.subject
    left join crawls using (project_id)
)

select * from final
