{{ config(materialized='ephemeral') }}
-- where a scan that starts now would be registered, and the checkout that it would write to
with checkouts as (
    select
        max_by(artifact_path, (mtime, artifact_path)) filter (
            where kind = 'catalog' and is_there is distinct from false
        ) as catalog_path,
        max_by(checkout_path, (mtime, artifact_path)) filter (where checkout_path is not null)
            as checkout_path,
    from {{ ref('codegraphx_artifacts') }}
),

aimed as (
    select
        coverage.*,
        projects.project_path,
        projects.project_name,
        checkouts.*,
        scans.source_path_key,
        scans.source_project,
        coalesce(targets.folder, projects.project_path) as target,
        targets.folder is not null as is_shared,
    from {{ ref('int_coverage__codegraphx_scans') }} as coverage
    inner join {{ ref('int_structure__projects') }} as projects using (project_id)
    left join {{ ref('int_codegraphx__scans') }} as scans using (project_id)
    left join {{ ref('int_coverage__codegraphx_targets') }} as targets using (project_id)
    cross join checkouts
),

named as (
    select
        *,
        -- A chunk scan skips files at the top of its target, and its folders that begin with a dot.
        is_shared or (
            chunk_files > 0
            and not coalesce(files_missing_from_scan > 0 and missing_in_chunks = 0, false)
        ) as is_reached,
        -- The output folder of a scan is named by its tag, so the tag is unique per target.
        regexp_replace(lower({{ last_part('target') }}), '[^a-z0-9_-]', '_', 'g') || '_'
        || left({{ hash_id(['target']) }}, 8) as tag,
        case
            when rtrim(source_path_key, '/') = target then source_project
            else {{ last_part('target') }}
        end as label,
        {{ json_object(['target', 'tag', 'label']) }} as scan_values,
    from aimed
),

-- one row per project: how CodeGraphX scans it, and the command if that can be run here
final as (
    select
        named.project_id,
        named.scan_source,
        named.project_name,
        {{ parent_path('named.project_path') }} as parent_path,
        named.target,
        named.files_eligible,
        named.last_scanned_at,
        named.is_shared,
        named.is_reached,
        case
            when
                named.is_reached
                and tools.path is not null
                and not contains(named.target, '\')
                and not contains(coalesce(named.catalog_path, ''), '\')
                then list_concat(
                    [tools.path],
                    {{ rendered_words('sources.command', ['named.scan_values']) }},
                    case
                        when named.catalog_path is null then []
                        else ['--update-db', named.catalog_path]
                    end
                )
        end as argv,
        coalesce(named.checkout_path, named.target) as cwd,
    from named
    inner join {{ ref('scan_sources') }} as sources on sources.name = named.scan_source
    left join {{ ref('int_rules__tools') }} as tools on tools.name = sources.tool
)

select * from final
