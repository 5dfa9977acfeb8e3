with versions as (
    select * from {{ ref('int_git__path_versions') }}
    where change_type <> 'D'
),

lineages as (
    select * from {{ ref('int_git__lineages') }}
),

final as (
    select
        versions.project_id,
        versions.project_path,
        versions.file_path,
        versions.chain_place,
        versions.next_place,
        versions.valid_from,
        versions.valid_to,
        versions.blob_id,
        versions.commit_sha,
        versions.mode,
        versions.change_type,
        versions.old_path,
        {{ hash_id([
            'versions.project_id',
            'coalesce(lineages.origin_path, versions.file_path)',
            'cast(coalesce(lineages.origin_place, versions.born_at_place) as varchar)',
        ]) }} as file_lineage_id,
        versions.source_run_id,
    from versions
    left join lineages using (project_id, file_path, born_at_place)
)

select * from final
