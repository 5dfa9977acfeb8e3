with found as (
    select * from {{ ref('int_reports__compared') }}
),

-- one row per open finding in a file, and weakness that it is an instance of
weaknesses as (
    select
        finding_id,
        tool,
        file_id,
        start_line,
        unnest(list_filter(tags, lambda tag: starts_with(tag, 'CWE-'))) as cwe,
    from found
    where file_id is not null and status = 'open'
),

tools as (
    select
        one.finding_id,
        count(distinct other.tool) as tool_count,
    from weaknesses as one
    inner join weaknesses as other using (file_id, start_line, cwe)
    group by one.finding_id
),

secret_rules as (
    select * from {{ ref('secret_rules') }}
),

secrets as (
    select distinct found.finding_id
    from found
    inner join secret_rules
        on (
            secret_rules.kind = 'rule'
            and {{ matches_glob('found.rule_id', 'secret_rules.pattern') }}
        )
        or (
            secret_rules.kind = 'tool'
            and {{ matches_glob('found.tool', 'secret_rules.pattern') }}
        )
        or (secret_rules.kind = 'tag' and list_contains(found.tags, secret_rules.pattern))
),

final as (
    select
        found.finding_id,
        found.quality_run_id,
        found.project_id,
        found.tool_name as tool,
        found.rule_id,
        found.rule_name,
        found.rule_description,
        found.rule_help_uri,
        found.kind,
        found.severity,
        found.level_in_force as level_given,
        found.security_severity,
        found.message,
        found.report_path,
        found.file_id,
        found.named_path as file_path,
        coalesce(found.match_state, 'no_file') as match_state,
        found.matched_by,
        found.confidence as confidence_ratio,
        found.start_line,
        found.start_column,
        found.end_line,
        found.end_column,
        found.logical_name,
        found.status,
        found.suppression,
        found.state,
        found.first_seen,
        found.first_run_id,
        found.last_run_id,
        coalesce(tools.tool_count, 1) as tool_count,
        coalesce({{ as_json_text('found.tags') }}, '[]') as tags,
        found.secret_hash is not null or secrets.finding_id is not null as is_secret,
        found.source_run_id,
    from found
    left join tools using (finding_id)
    left join secrets using (finding_id)
)

select * from final
