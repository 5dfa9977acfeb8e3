with pointers as (
    select * from {{ ref('stg_codegraphx__pointers') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

checks as (
    select * from {{ ref('stg_codegraphx__path_checks') }}
),

grouped as (
    select
        pointers.path_key as path,
        'codegraphx' as scan_source,
        -- A path that a dry run only planned was never promised.
        bool_or(pointers.is_promised) as is_promised,
        list(distinct pointers.pointer order by pointers.pointer) as pointers,
        list(distinct pointers.artifact_path order by pointers.artifact_path) as artifacts,
        count(*) as pointer_count,
        coalesce(min(owners.project_id), min(places.project_id)) as project_id,
        max_by(pointers.run_id, pointers.run_seq) as run_id,
    from pointers
    left join places as owners on owners.path = pointers.owner
    left join places on places.path = pointers.path_key
    group by pointers.path_key
),

-- one row per path that artifacts of a scan source point at, and whether it exists
final as (
    select
        grouped.*,
        checks.state,
        checks.looked_at,
    from grouped
    left join checks on checks.path_key = grouped.path
)

select * from final
