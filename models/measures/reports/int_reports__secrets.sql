{{ config(materialized='ephemeral') }}
with files as (
    select file_id, file_kind from {{ ref('int_files__current') }}
),

scanners as (
    select pattern from {{ ref('secret_rules') }}
    where kind = 'tool'
),

-- one row per project that a scanner for secrets has examined
scanned as (
    select
        runs.project_id,
        bool_or(runs.is_measured and runs.is_successful is not false) as is_measured,
        max(runs.reported_at) as reported_at,
        max(runs.source_run_id) as run_id,
    from {{ ref('quality_runs') }} as runs
    inner join scanners on {{ matches_glob('lower(runs.tool)', 'scanners.pattern') }}
    where runs.is_newest
    group by runs.project_id
),

found as (
    select
        findings.project_id,
        count(*) filter (where files.file_kind is distinct from 'test') as outside_tests,
        count(*) filter (where files.file_kind = 'test') as in_tests,
        count(distinct findings.tool) as tools,
        list(
            distinct findings.file_path || coalesce(':' || findings.start_line, '')
            order by findings.file_path || coalesce(':' || findings.start_line, '')
        )[1:20] as examples,
        max(findings.source_run_id) as run_id,
    from {{ ref('quality_findings') }} as findings
    left join files using (file_id)
    where findings.is_secret and findings.status = 'open' and findings.project_id is not null
    group by findings.project_id
),

-- one row per project with a result about secrets
final as (
    select
        project_id,
        scanned.project_id is not null as is_scanned,
        scanned.is_measured,
        scanned.reported_at,
        coalesce(found.outside_tests, 0) as outside_tests,
        coalesce(found.in_tests, 0) as in_tests,
        coalesce(found.tools, 0) as tools,
        found.examples,
        outside_tests + in_tests as secrets,
        secrets || if(secrets = 1, ' finding', ' findings')
        || if(outside_tests = 0, ', all in tests', '') as words,
        greatest(scanned.run_id, found.run_id) as run_id,
    from scanned
    full outer join found using (project_id)
)

select * from final
