{{ config(materialized='ephemeral') }}
with coverage as (
    select * from {{ ref('int_coverage__codegraphx_scans') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

scans as (
    select * from {{ ref('int_codegraphx__scans') }}
),

-- where a scan that starts now would be registered, and the checkout that it would write to
checkouts as (
    select
        max_by(artifact_path, (mtime, artifact_path)) filter (
            where kind = 'catalog' and is_there is distinct from false
        ) as catalog_path,
        max_by(checkout_path, (mtime, artifact_path)) filter (where checkout_path is not null) as checkout_path,
    from {{ ref('codegraphx_artifacts') }}
),

named as (
    select
        coverage.*,
        projects.project_path,
        projects.project_name,
        checkouts.*,
        -- A scan's output folder is told by its tag, which is one project's alone.
        regexp_replace(lower(projects.project_name), '[^a-z0-9_-]', '_', 'g') || '_'
        || left(coverage.project_id, 8) as tag,
        coalesce(
            case when scans.source_path_key = projects.project_path then scans.source_project end,
            projects.project_name
        ) as label,
    from coverage
    inner join projects using (project_id)
    left join scans using (project_id)
    cross join checkouts
),

commanded as (
    select
        *,
        {{ argv(
            'codegraphx',
            [
                "'enrich'", "'chunk-scan'", "'--target-root'", 'project_path', "'--chunk-size'", "'6'",
                "'--tag'", 'tag', "'--source-project'", 'label',
            ],
            ['project_path', "coalesce(catalog_path, '')"],
        ) }} as whole_argv,
    from named
),

-- one row per project: how CodeGraphX scans it. Of one that is not known to be here there is nothing to run.
final as (
    select
        project_id,
        scan_source,
        case
            when chunk_files > 0 and catalog_path is null then whole_argv
            when chunk_files > 0 and whole_argv is not null
                then list_concat(whole_argv, ['--update-db', catalog_path])
        end as scan_argv,
        coalesce(checkout_path, project_path) as scan_cwd,
        case
            when chunk_files = 0 or (files_missing_from_scan > 0 and missing_in_chunks = 0)
                then 'The enrich chunk-scan of CodeGraphX leaves out what lies at the top of a project and in folders '
                    || 'that begin with a dot: scan it with its scripts/enrich_repo_projects.py, --root '
                    || {{ parent_path('project_path') }} || ' --include ' || project_name
                    || ', then run enrich refresh-meta.'
            else 'Scan it with codegraphx enrich chunk-scan --target-root ' || project_path
                || ', then land what that wrote with enrich refresh-meta.'
        end as scan_advice,
    from commanded
)

select * from final
