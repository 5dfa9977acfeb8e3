with projects as (
    select * from {{ ref('int_structure__projects') }}
),

looks as (
    select * from {{ ref('int_structure__project_looks') }}
),

mirrors as (
    select * from {{ ref('int_mirrors__mirrors') }}
),

-- a directory that mirrors another; among loose files too, since the directory is judged and not they
found as (
    select
        projects.project_id,
        projects.project_path,
        projects.root_path,
        mirrors.mirror_path as subject,
        'fail' as verdict,
        mirrors.*,
        looks.last_crawled_at,
    from mirrors
    inner join projects on projects.project_path = mirrors.project_path and not projects.is_gone
    left join looks using (project_id)
),

-- a project without one
clear as (
    select
        projects.project_id,
        projects.project_path,
        projects.root_path,
        projects.project_path as subject,
        case
            when projects.is_gone or projects.kind = 'loose_files' then 'not_applicable'
            when looks.last_crawled_at is null then 'unknown'
            else 'pass'
        end as verdict,
        looks.last_crawled_at,
        looks.run_id,
    from projects
    left join looks using (project_id)
    where projects.project_path not in (select mirror_path from mirrors)
),

judged as (
    select * from found

    union all by name

    select * from clear
),

final as (
    select
        'DUPLICATE_MIRROR_CONTENT' as gap_type,
        project_id,
        project_path,
        subject,
        verdict,
        coalesce({{ stake('identical_files', 'DUPLICATE_MIRROR_CONTENT') }}, 0) as stake,
        coalesce(identical_share, 1.0) as confidence_ratio,
        {{ json_object({
            'mirrors': 'original_path',
            'identical_files': 'identical_files',
            'identical_share': 'round(identical_share, 3)',
            'files_here': 'mirror_files',
            'files_there': 'original_files',
            'is_exact': 'is_exact',
            'size_bytes': 'mirror_size_bytes',
        }) }} as evidence,
        'Keep one: ' || {{ short_path('subject', 'root_path') }} || ' mirrors '
        || {{ short_path('original_path', 'root_path') }} as headline,
        identical_files || ' of the ' || mirror_files || ' non-empty files in '
        || {{ short_path('subject', 'root_path') }} || ' are also in '
        || {{ short_path('original_path', 'root_path') }} as because,
        cast(null as varchar) as advice,
        -- What two projects share in several places is one decision.
        project_id || original_project_path as action_group,
        -- Of a project that is mostly another one's copy, nothing else is worth doing before that is decided.
        coalesce(
            subject = project_path
            and identical_share >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') }},
            false
        ) as settles_project,
        {{ argv(
            'diff',
            ["'-rq'", "'--no-dereference'", "'--'", 'original_path', 'subject'],
            ['original_path', 'subject'],
        ) }} as argv,
        'read' as effect,
        last_crawled_at as facts_at,
        run_id,
    from judged
)

select * from final
