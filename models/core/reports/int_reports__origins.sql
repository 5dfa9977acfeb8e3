with matched as (
    select distinct project_id, file_path from {{ ref('int_reports__places') }}
    where match_state = 'matched'
),

versions as (
    select project_id, file_path, chain_place, next_place, file_lineage_id
    from {{ ref('file_versions') }}
),

tips as (
    select versions.project_id, versions.file_path, versions.file_lineage_id
    from versions
    inner join matched using (project_id, file_path)
    where versions.next_place is null
),

origins as (
    select
        tips.project_id,
        tips.file_path,
        min_by(versions.file_path, versions.chain_place) as origin_path,
    from tips
    inner join versions using (project_id, file_lineage_id)
    group by tips.project_id, tips.file_path
),

-- One row per file that git renamed, with its first path, unless another file has that now.
final as (
    select origins.*
    from origins
    where
        file_path <> origin_path
        and (project_id, origin_path) not in (
            select (project_id, file_path) from versions
            where next_place is null
        )
)

select * from final
