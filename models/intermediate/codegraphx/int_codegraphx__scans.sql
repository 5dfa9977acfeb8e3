with projects as (
    select * from {{ ref('int_structure__projects') }}
),

artifacts as (
    select * from {{ ref('codegraphx_artifacts') }}
    where kind in ('scan', 'merged_scan') and source_run_id is not null
),

enrichment as (
    select * from {{ ref('stg_catalog__enrichment') }}
),

pointers as (
    select * from {{ ref('stg_codegraphx__pointers') }}
    where pointer = 'scan_artifact'
),

-- what a scan holds of a project, and the narrowest root of it that goes around the whole project
holdings as (
    select
        scan_rows.artifact_path as scan_path,
        places.project_id,
        count(*) as file_count,
        max(length(scan_rows.root_key)) filter (
            where {{ is_beneath('places.project_path', 'scan_rows.root_key') }}
        ) as root_length,
    from {{ ref('stg_codegraphx__scan_rows') }} as scan_rows
    inner join {{ ref('int_codegraphx__places') }} as places on places.path = {{ parent_path('scan_rows.path_key') }}
    where places.project_id is not null
    group by scan_rows.artifact_path, places.project_id
),

-- the scans that the catalogue registers for source paths
registered as (
    select
        enrichment.source_path_key,
        enrichment.source_project,
        enrichment.updated_at,
        enrichment.scan_file_count,
        enrichment.landed_at,
        enrichment.run_id,
        enrichment.artifact_path as catalog_path,
        coalesce(pointers.path_key, enrichment.scan_artifact) as scan_path,
    from enrichment
    left join (select distinct artifact_path, owner, path, path_key from pointers) as pointers
        on pointers.artifact_path = enrichment.artifact_path
        and pointers.owner = enrichment.source_path_key
        and pointers.path = enrichment.scan_artifact
),

around as (
    select
        project_id,
        project_path,
        unnest({{ ancestors('project_path') }}) as above_path,
    from projects
),

-- A registered scan speaks for the project that it was made for, and for those around which it was made and of
-- which it holds files.
registered_candidates as (
    select
        around.project_id,
        registered.*,
        holdings.file_count,
        artifacts.artifact_path is not null as is_landed,
        true as is_registered,
        least(registered.updated_at, registered.landed_at) as scanned_at,
        length(registered.source_path_key) as narrowness,
    from registered
    inner join around on around.above_path = rtrim(registered.source_path_key, '/')
    left join holdings on holdings.scan_path = registered.scan_path and holdings.project_id = around.project_id
    left join artifacts on artifacts.artifact_path = registered.scan_path
    where registered.source_path_key = around.project_path or holdings.file_count is not null
),

-- Any other scan speaks where no registered one does.
other_candidates as (
    select
        holdings.project_id,
        holdings.scan_path,
        holdings.file_count,
        artifacts.source_run_id as run_id,
        true as is_landed,
        false as is_registered,
        artifacts.produced_at as scanned_at,
        -- Of scans of parts of a project the merged one holds most of them.
        coalesce(holdings.root_length, case when artifacts.kind = 'merged_scan' then 0 else -1 end) as narrowness,
    from holdings
    inner join artifacts on artifacts.artifact_path = holdings.scan_path
    where
        holdings.project_id not in (select project_id from registered_candidates)
        and holdings.scan_path not in (select scan_path from registered)
),

candidates as (
    select * from registered_candidates

    union all by name

    select * from other_candidates
),

-- the scan that speaks for a project: of those whose rows are landed the one of the narrowest scope, then the newest
final as (
    select
        *,
        max(scanned_at) over (partition by project_id) as last_scanned_at,
    from candidates
    qualify row_number() over (
        partition by project_id order by is_landed desc, narrowness desc, scanned_at desc nulls last, scan_path
    ) = 1
)

select * from final
