with projects as (
    select * from {{ ref('int_structure__projects') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

looks as (
    select * from {{ ref('stg_codegraphx__path_looks') }}
),

coverage as (
    select * from {{ ref('int_coverage__project_sources') }}
    where scan_source = 'codegraphx'
),

-- a path that artifacts point at, with who says so; what a dry run only planned was never promised
pointed_at as (
    select
        pointers.path_key,
        bool_or(pointers.is_promised) as is_promised,
        list(distinct pointers.pointer order by pointers.pointer) as pointers,
        list(distinct pointers.artifact_path order by pointers.artifact_path) as artifacts,
        count(*) as pointer_count,
        coalesce(min(owners.project_id), min(places.project_id)) as project_id,
        max_by(pointers.run_id, pointers.run_seq) as run_id,
        max(pointers.landed_at) as pointed_at,
    from {{ ref('stg_codegraphx__pointers') }} as pointers
    left join places as owners on owners.path = pointers.owner
    left join places on places.path = pointers.path_key
    group by pointers.path_key
),

judged as (
    select
        projects.project_id,
        projects.project_path,
        projects.project_name,
        projects.is_gone,
        pointed_at.path_key as subject,
        case
            when not pointed_at.is_promised then 'not_applicable'
            when looks.state = 'gone' then 'fail'
            when looks.state = 'there' then 'pass'
            else 'unknown'
        end as verdict,
        pointed_at.*,
        looks.looked_at,
    from pointed_at
    left join looks using (path_key)
    left join projects using (project_id)
),

-- a project at which no artifact points
clear as (
    select
        project_id,
        project_path,
        project_path as subject,
        'not_applicable' as verdict,
        repository_run_id as run_id,
    from projects
    where project_id not in (select project_id from pointed_at where project_id is not null)
),

every_path as (
    select * from judged

    union all by name

    select * from clear
),

final as (
    select
        'ORPHANED_ARTIFACT_PATH' as gap_type,
        every_path.project_id,
        every_path.project_path,
        every_path.subject,
        every_path.verdict,
        coalesce({{ stake('every_path.pointer_count', 'ORPHANED_ARTIFACT_PATH') }}, 0) as stake,
        1.0 as confidence_ratio,
        {{ json_object({
            'pointed_at_by': 'every_path.artifacts[1:20]', 'as': 'every_path.pointers',
            'pointer_count': 'every_path.pointer_count',
        }) }} as evidence,
        case
            when every_path.is_gone then 'Retire ' || every_path.project_name || ' from the catalogue'
            when every_path.project_id is null then 'Take ' || every_path.subject || ' out of what names it'
            else coalesce(
                coverage.scan_headline, 'Scan ' || every_path.project_name || ' with CodeGraphX again'
            )
        end as headline,
        every_path.subject || ' is gone, and '
        || {{ last_part('every_path.artifacts[1]') }} || ' still points at it' as because,
        case
            when every_path.is_gone
                then 'Delete its rows from the catalogue, or bring the project back.'
        end as advice,
        case
            when every_path.is_gone then 'retire ' || every_path.project_id
            when every_path.project_id is not null
                then 'codegraphx ' || coalesce(coverage.scan_target, every_path.project_path)
        end as action_group,
        case
            when every_path.is_gone
                then {{ argv('enrich', ["'show'", 'every_path.project_path'], ['every_path.project_path']) }}
            else coverage.scan_argv
        end as argv,
        case when every_path.is_gone then 'read' else 'execute' end as effect,
        coverage.scan_cwd as cwd,
        every_path.looked_at as facts_at,
        every_path.run_id,
    from every_path
    left join coverage using (project_id)
)

select * from final
