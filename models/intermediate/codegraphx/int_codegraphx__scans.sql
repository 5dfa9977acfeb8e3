with projects as (
    select * from {{ ref('int_structure__projects') }}
),

artifacts as (
    select * from {{ ref('int_codegraphx__dated_artifacts') }}
    where kind in ('scan', 'merged_scan')
),

-- one row per scan and project: the narrowest root of the scan around the whole project
holdings as (
    select
        scan_rows.artifact_path as scan_path,
        places.project_id,
        max(length(scan_rows.root_key)) filter (
            where {{ is_beneath('places.project_path', 'scan_rows.root_key') }}
        ) as root_length,
    from {{ ref('stg_codegraphx__scan_rows') }} as scan_rows
    inner join {{ ref('int_codegraphx__places') }} as places
        on places.path = {{ parent_path('scan_rows.path_key') }}
    where places.project_id is not null
    group by scan_rows.artifact_path, places.project_id
),

around as (
    select
        project_id,
        project_path,
        unnest({{ ancestors('project_path') }}) as above_path,
    from projects
),

-- A registered scan counts for the project that it was made for, and for projects inside it with
-- files in it.
registered as (
    select
        around.project_id,
        registered_scans.*,
        artifacts.artifact_path is not null as is_landed,
        length(registered_scans.source_path_key) as narrowness,
    from {{ ref('int_codegraphx__registered_scans') }} as registered_scans
    inner join around on around.above_path = rtrim(registered_scans.source_path_key, '/')
    left join holdings
        on holdings.scan_path = registered_scans.scan_path
        and holdings.project_id = around.project_id
    left join artifacts on artifacts.artifact_path = registered_scans.scan_path
    where registered_scans.source_path_key = around.project_path or holdings.project_id is not null
),

-- Without one, any scan with files of the project counts. Among scans of parts, the merged one has
-- the most files.
others as (
    select
        holdings.project_id,
        holdings.scan_path,
        artifacts.source_run_id as run_id,
        true as is_landed,
        artifacts.produced_at as scanned_at,
        coalesce(holdings.root_length, case when artifacts.kind = 'merged_scan' then 0 else -1 end)
            as narrowness,
    from holdings
    inner join artifacts on artifacts.artifact_path = holdings.scan_path
    where holdings.project_id not in (select project_id from registered)
),

candidates as (
    select * from registered

    union all by name

    select * from others
),

-- one row per project: of the landed scans the one with the narrowest scope, then the newest
final as (
    select
        *,
        max(scanned_at) over (partition by project_id) as last_scanned_at,
    from candidates
    qualify row_number() over (
        partition by project_id
        order by is_landed desc, narrowness desc, scanned_at desc nulls last, scan_path
    ) = 1
)

select * from final
