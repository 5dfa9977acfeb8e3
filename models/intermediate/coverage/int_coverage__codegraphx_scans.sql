with projects as (
    select * from {{ ref('int_structure__projects') }}
    where exists (select 1 from {{ ref('int_coverage__sources') }} where scan_source = 'codegraphx')
),

crawls as (
    select * from {{ ref('int_coverage__crawl_scans') }}
),

scans as (
    select * from {{ ref('int_codegraphx__scans') }}
),

scan_files as (
    select * from {{ ref('codegraphx_scan_files') }}
    where is_counted
),

scope as (
    select * from {{ ref('codegraphx_scope') }}
),

extensions as (
    select name as ext from scope
    where part = 'ext'

    union

    select ltrim(lower(ext), '.') from scan_files
),

excluded_names as (
    select list(name) as names from scope
    where part = 'excluded'
),

-- a file on disk whose extension CodeGraphX reads; a link is listed and its target counts by itself
files as (
    select
        files.project_id,
        files.path,
        files.file_path,
        list_has_any(string_split(files.file_path, '/'), excluded_names.names) as is_excluded,
        -- What lies at the top, or in folders that begin with a dot, `enrich chunk-scan` leaves out.
        contains(files.file_path, '/') and not starts_with(files.file_path, '.') as is_in_a_chunk,
    from {{ ref('int_files__current') }} as files
    inner join projects using (project_id)
    inner join extensions using (ext)
    cross join excluded_names
    where not files.is_symlink
),

compared as (
    select
        files.project_id,
        count(*) filter (where not files.is_excluded) as files_eligible,
        count(*) filter (where not files.is_excluded and scan_files.path_key is not null) as files_scanned,
        count(*) filter (where files.is_excluded and scan_files.path_key is null) as excluded_count,
        list(files.file_path order by files.file_path) filter (
            where not files.is_excluded and scan_files.path_key is null
        ) as missing_paths,
        count(*) filter (where not files.is_excluded and files.is_in_a_chunk) as chunk_files,
        count(*) filter (
            where not files.is_excluded and files.is_in_a_chunk and scan_files.path_key is null
        ) as missing_in_chunks,
    from files
    left join scan_files on scan_files.path_key = files.path
    group by files.project_id
),

scanned as (
    select
        project_id,
        count(*) as files_scanned,
        count(*) filter (where not is_on_disk) as scanned_not_on_disk,
        bool_or(is_on_disk is null) as is_untold,
    from scan_files
    where project_id is not null
    group by project_id
),

-- one row per project, scanned or not: what is there is the crawl's to say
counted as (
    select
        projects.project_id,
        'codegraphx' as scan_source,
        crawls.files_on_disk,
        crawls.files_tracked,
        case when crawls.project_id is not null then coalesce(compared.files_eligible, 0) end as files_eligible,
        case
            when scans.project_id is null or projects.is_gone then 0
            when not scans.is_landed then scans.scan_file_count
            when crawls.project_id is not null then coalesce(compared.files_scanned, 0)
            else coalesce(scanned.files_scanned, 0)
        end as files_scanned,
        case
            when crawls.project_id is null or projects.is_gone or not coalesce(scans.is_landed, true) then null
            else coalesce(len(compared.missing_paths), 0)
        end as files_missing_from_scan,
        case
            when scans.project_id is null then 0
            when scans.is_landed and not coalesce(scanned.is_untold, false)
                then coalesce(scanned.scanned_not_on_disk, 0)
        end as scanned_not_on_disk,
        case when crawls.project_id is not null then coalesce(compared.excluded_count, 0) end as excluded_count,
        cast(null as bigint) as unreadable_count,
        compared.missing_paths,
        coalesce(compared.missing_in_chunks, 0) as missing_in_chunks,
        -- NULL: nobody knows whether it lies here at all
        case when crawls.project_id is not null then coalesce(compared.chunk_files, 0) end as chunk_files,
        scans.scan_path,
        scans.last_scanned_at,
        coalesce(scans.run_id, crawls.run_id) as run_id,
        projects.project_path,
        projects.project_name,
        case when scans.source_path_key = projects.project_path then scans.source_project end as source_project,
    from projects
    left join crawls using (project_id)
    left join scans using (project_id)
    left join compared using (project_id)
    left join scanned using (project_id)
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

commanded as (
    select
        counted.*,
        checkouts.*,
        -- A scan's output folder is told by its tag, which is one project's alone.
        {{ argv(
            'codegraphx',
            [
                "'enrich'", "'chunk-scan'", "'--target-root'", 'project_path', "'--chunk-size'", "'6'", "'--tag'",
                "regexp_replace(lower(project_name), '[^a-z0-9_-]', '_', 'g') || '_' || left(project_id, 8)",
                "'--source-project'", 'coalesce(source_project, project_name)',
            ],
            ['project_path', "coalesce(catalog_path, '')"],
        ) }} as whole_argv,
        chunk_files = 0 or (files_missing_from_scan > 0 and missing_in_chunks = 0) as is_out_of_reach,
    from counted
    cross join checkouts
),

final as (
    select
        commanded.* exclude (
            project_path, project_name, source_project, chunk_files, catalog_path, checkout_path, whole_argv,
            is_out_of_reach
        ),
        case
            when chunk_files > 0 and catalog_path is null then whole_argv
            when chunk_files > 0 and whole_argv is not null
                then list_concat(whole_argv, ['--update-db', catalog_path])
        end as scan_argv,
        coalesce(checkout_path, project_path) as scan_cwd,
        case
            when is_out_of_reach
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
