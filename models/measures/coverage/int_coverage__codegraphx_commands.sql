{{ config(materialized='ephemeral') }}
-- where a scan that starts now would be registered, and the checkout that it would write to
with places as (
    select
        max_by(artifact_path, (mtime, artifact_path)) filter (
            where kind = 'catalog' and is_there is distinct from false
        ) as catalog_path,
        max_by(checkout_path, (mtime, artifact_path)) filter (where checkout_path is not null)
            as checkout_path,
    from {{ ref('codegraphx_artifacts') }}
),

targeted as (
    select
        coverage.*,
        projects.project_path,
        projects.project_name,
        places.*,
        scans.source_path_key,
        scans.source_project,
        coalesce(targets.folder, projects.project_path) as target,
        targets.folder is not null as is_folder_scan,
    from {{ ref('int_coverage__codegraphx_scans') }} as coverage
    inner join {{ ref('int_structure__projects') }} as projects using (project_id)
    left join {{ ref('int_codegraphx__scans') }} as scans using (project_id)
    left join {{ ref('int_coverage__codegraphx_targets') }} as targets using (project_id)
    cross join places
),

labelled as (
    select
        *,
        -- A chunk scan skips files at the top of its target, and its folders that begin with a dot.
        is_folder_scan or (
            chunk_files > 0
            and not coalesce(files_missing_from_scan > 0 and missing_in_chunks = 0, false)
        ) as is_reachable_by_scan,
        -- The output folder of a scan is named by its tag, so the tag is unique per target.
        regexp_replace(lower({{ last_part('target') }}), '[^a-z0-9_-]', '_', 'g') || '_'
        || left({{ hash_id(['target']) }}, 8) as tag,
        case
            when rtrim(source_path_key, '/') = target then source_project
            else {{ last_part('target') }}
        end as label,
        {{ json_object(['target', 'tag', 'label']) }} as scan_values,
    from targeted
),

-- one row per project: how CodeGraphX scans it, and the command if that can be run here
final as (
    select
        labelled.project_id,
        labelled.scan_source,
        labelled.project_name,
        {{ parent_path('labelled.project_path') }} as parent_path,
        labelled.target,
        labelled.files_eligible,
        labelled.last_scanned_at,
        labelled.is_folder_scan,
        labelled.is_reachable_by_scan,
        case
            when
                labelled.is_reachable_by_scan
                and tools.path is not null
                and not contains(labelled.target, '\')
                and not contains(coalesce(labelled.catalog_path, ''), '\')
                then list_concat(
                    [tools.path],
                    {{ rendered_words('sources.command', ['labelled.scan_values']) }},
                    case
                        when labelled.catalog_path is null then []
                        else ['--update-db', labelled.catalog_path]
                    end
                )
        end as argv,
        coalesce(labelled.checkout_path, labelled.target) as cwd,
    from labelled
    inner join {{ ref('scan_sources') }} as sources on sources.name = labelled.scan_source
    left join {{ ref('int_rules__tools') }} as tools on tools.name = sources.tool
)

select * from final
