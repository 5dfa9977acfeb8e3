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

as_of as (
    select * from {{ ref('as_of') }}
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
        projects.root_path,
        scans.source_path_key,
        scans.source_project,
        {{ is_fresh_scan('coverage.last_scanned_at') }} as is_fresh,
    from coverage
    inner join projects using (project_id)
    left join scans using (project_id)
    cross join as_of
),

-- one row per project and folder around it whose scan would reach all of it: what was scanned with its neighbours is
-- scanned again with them, what was never scanned has the folder that it lies in
folders as (
    select
        project_id,
        rtrim(source_path_key, '/') as folder,
        not is_fresh as is_due,
    from named
    where files_eligible > 0 and source_path_key is not null and rtrim(source_path_key, '/') <> project_path

    union all

    select
        project_id,
        {{ parent_path('project_path') }},
        last_scanned_at is null,
    from named
    where
        files_eligible > 0
        and {{ is_beneath(parent_path('project_path'), 'root_path') }}
        and not starts_with(project_name, '.')
        and project_name not in (select name from {{ ref('codegraphx_scope') }} where part = 'excluded')
),

-- Most of what lies there is due: one scan of the folder is less to do than one of each.
shared_folders as (
    select folder
    from folders
    group by folder
    having
        count(distinct project_id) filter (where is_due) > 1
        and count(distinct project_id) filter (where is_due) * 2 >= count(distinct project_id)
),

targets as (
    select
        folders.project_id,
        min(folders.folder) as folder,
    from folders
    inner join shared_folders using (folder)
    where folders.is_due
    group by folders.project_id
),

aimed as (
    select
        named.*,
        checkouts.*,
        coalesce(targets.folder, named.project_path) as target,
        targets.folder is not null as is_shared,
        -- What lies at the top of the target, and in folders there that begin with a dot, is in no chunk. NULL where
        -- nobody knows what is there.
        is_shared or (
            named.chunk_files > 0
            and not coalesce(named.files_missing_from_scan > 0 and named.missing_in_chunks = 0, false)
        ) as is_reached,
        -- A scan's output folder is told by its tag, which is one target's alone.
        regexp_replace(lower({{ last_part('target') }}), '[^a-z0-9_-]', '_', 'g') || '_'
        || left({{ hash_id(['target']) }}, 8) as tag,
        case
            when rtrim(named.source_path_key, '/') = target then named.source_project
            else {{ last_part('target') }}
        end as label,
    from named
    left join targets using (project_id)
    cross join checkouts
),

commanded as (
    select
        *,
        {{ argv(
            'codegraphx',
            [
                "'enrich'", "'chunk-scan'", "'--target-root'", 'target', "'--chunk-size'", "'6'",
                "'--tag'", 'tag', "'--source-project'", 'label',
            ],
            ['target', "coalesce(catalog_path, '')"],
        ) }} as whole_argv,
    from aimed
),

-- one row per project: how CodeGraphX scans it. Of one that is not known to be here there is nothing to run.
final as (
    select
        project_id,
        scan_source,
        target as scan_target,
        case
            when files_eligible = 0 then 'Say that CodeGraphX need not scan ' || project_name
            when is_shared then 'Scan the projects of ' || {{ last_part('target') }} || ' with CodeGraphX'
            else 'Scan ' || project_name || ' with CodeGraphX'
        end || case when last_scanned_at is not null and files_eligible > 0 then ' again' else '' end as scan_headline,
        case
            when is_reached and catalog_path is null then whole_argv
            when is_reached and whole_argv is not null
                then list_concat(whole_argv, ['--update-db', catalog_path])
        end as scan_argv,
        coalesce(checkout_path, target) as scan_cwd,
        case
            when files_eligible = 0
                then 'Waive the finding with enrich waive, or add what CodeGraphX reads here to '
                    || 'seeds/codegraphx_scope.csv.'
            when not is_reached
                then 'The enrich chunk-scan of CodeGraphX leaves out what lies at the top of a project and in folders '
                    || 'that begin with a dot: scan it with its scripts/enrich_repo_projects.py, --root '
                    || {{ parent_path('project_path') }} || ' --include ' || project_name
                    || ', then run enrich refresh-meta.'
            else 'Run codegraphx enrich chunk-scan --target-root ' || target
                || ', then land what that wrote with enrich refresh-meta.'
        end as scan_advice,
    from commanded
)

select * from final
