with commands as (
    select
        commands.*,
        sources.label,
        {{ last_part('commands.target') }} as target_name,
    from {{ ref('int_coverage__codegraphx_commands') }} as commands
    inner join {{ ref('scan_sources') }} as sources on sources.name = commands.scan_source
),

-- one row per project and scan source that is a tool: the work that brings the scan up to date
final as (
    select
        project_id,
        scan_source,
        case
            when files_eligible = 0 then 'Waive the scan of ' || project_name || ' with ' || label
            when is_folder_scan then 'Scan the projects of ' || target_name || ' with ' || label
            else 'Scan ' || project_name || ' with ' || label
        end
        || case when last_scanned_at is not null and files_eligible > 0 then ' again' else '' end
            as headline,
        case
            when files_eligible = 0
                then
                    'Waive the finding with enrich waive, or add the extensions that ' || label
                    || ' reads here to seeds/codegraphx_scope.csv.'
            when not is_reachable_by_scan
                then
                    'A chunk scan skips files at the top of a project and folders that begin with '
                    || 'a dot: scan it with scripts/enrich_repo_projects.py of ' || label
                    || ', --root ' || parent_path || ' --include ' || project_name
                    || ', then run enrich refresh-meta.'
            else
                'Run codegraphx enrich chunk-scan --target-root ' || target
                || ', then land its results with enrich refresh-meta.'
        end as advice,
        scan_source || ' ' || target as action_group,
        argv,
        cwd,
    from commands
)

select * from final
