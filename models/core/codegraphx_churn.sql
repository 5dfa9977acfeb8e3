with items as (
    select * from {{ ref('stg_codegraphx__report_items') }}
    where kind = 'churn' and list = 'rows'
),

reports as (
    select * from {{ ref('stg_codegraphx__reports') }}
),

-- A report names files by label and relative path; the scans have their canonical paths.
scanned as (
    select
        project,
        rel_path,
        max_by(path_key, (is_counted, artifact_path)) as path_key,
        max_by(project_id, (is_counted, artifact_path)) as project_id,
    from {{ ref('codegraphx_scan_files') }}
    where (project, rel_path) in (
        select ({{ json_text('item', 'project') }}, {{ json_text('item', 'rel_path') }}) from items
    )
    group by project, rel_path
),

parsed as (
    select
        items.artifact_path,
        items.position,
        {{ json_text('reports.document', 'since') }} as since,
        {{ json_text('items.item', 'project') }} as project,
        {{ json_text('items.item', 'rel_path') }} as rel_path,
        try_cast({{ json_text('items.item', 'functions') }} as bigint) as functions,
        try_cast({{ json_text('items.item', 'edges') }} as bigint) as edges,
        try_cast({{ json_text('items.item', 'commits') }} as bigint) as commits,
        try_cast({{ json_text('items.item', 'churn_lines') }} as bigint) as churn_lines,
        try_cast({{ json_text('items.item', 'score') }} as double) as score,
        items.run_id,
    from items
    left join reports using (artifact_path)
),

-- If no file of a project changed, git failed or was not run: the counts are unknown, not 0.
judged as (
    select
        *,
        max(greatest(commits, churn_lines)) over (partition by artifact_path, project) > 0
            as is_known,
    from parsed
),

final as (
    select
        judged.artifact_path,
        judged.position,
        judged.since,
        judged.project,
        judged.rel_path,
        judged.functions,
        judged.edges,
        case when judged.is_known then judged.commits end as commits,
        case when judged.is_known then judged.churn_lines end as churn_lines,
        case when judged.is_known then judged.score end as score,
        scanned.path_key,
        scanned.project_id,
        judged.run_id as source_run_id,
    from judged
    left join scanned on scanned.project = judged.project and scanned.rel_path = judged.rel_path
)

select * from final
