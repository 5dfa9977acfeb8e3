{{ config(materialized='ephemeral') }}
with projects as (
    select * from {{ ref('int_structure__projects') }}
),

signals as (
    select * from {{ ref('codegraphx_project_signals') }}
),

catalogued as (
    select * from {{ ref('codegraphx_projects') }}
),

counts as (
    select * from {{ ref('int_files__project_counts') }}
),

-- Files that are not on disk count: nothing says that they are not the project's own.
others_files as (
    select path from {{ ref('int_files__current') }}
    where not is_own
),

-- A file of several source paths counts once.
counted as (
    select
        project_id,
        count(*) as files_analyzed,
        count(*) filter (where is_file_collector <> 0) as collector_files,
        max(updated_at) as judged_at,
        max(source_run_id) as run_id,
    from {{ ref('codegraphx_file_signals') }}
    where
        is_innermost
        and project_id is not null
        and coalesce(file_path_key not in (select path from others_files), true)
    group by project_id
),

top_collectors as (
    select
        project_id,
        {{ as_json_text(
            "list(
                struct_pack(
                    file_path := substr(
                        signals.file_path_key, length(rtrim(projects.project_path, '/')) + 2
                    ),
                    confidence := cast(null as double),
                    evidence := try_cast(signals.evidence_json as json)
                )
                order by signals.collector_score desc, signals.file_path_key
            )[1:20]"
        ) }} as top_collectors,
    from {{ ref('codegraphx_file_signals') }} as signals
    inner join projects using (project_id)
    where
        signals.is_innermost
        and signals.is_file_collector <> 0
        and coalesce(signals.file_path_key not in (select path from others_files), true)
    group by project_id
),

-- one row per project whose files CodeGraphX has judged: by its sums for the project, else by its
-- files
final as (
    select
        projects.project_id,
        projects.project_path,
        projects.project_name,
        coalesce(signals.files_analyzed, counted.files_analyzed) as files_analyzed,
        coalesce(signals.collector_files, counted.collector_files) as collector_files,
        coalesce(top_collectors.top_collectors, '[]') as top_collectors,
        coalesce(counts.further_doc_files > 0, catalogued.has_docs <> 0) as has_docs,
        coalesce(signals.updated_at, counted.judged_at) as judged_at,
        coalesce(signals.source_run_id, counted.run_id) as run_id,
    from projects
    left join signals on signals.source_path_key = projects.project_path
    left join counted on counted.project_id = projects.project_id
    left join top_collectors on top_collectors.project_id = projects.project_id
    left join catalogued on catalogued.path_key = projects.project_path
    left join counts on counts.project_id = projects.project_id
    where signals.source_path_key is not null or counted.project_id is not null
)

select * from final
