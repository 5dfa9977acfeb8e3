{{ config(materialized='ephemeral') }}
with contents as (
    select distinct sha256, format, reading_seq
    from {{ ref('int_reports__states') }}
),

rules as (
    select * from {{ ref('stg_reports__rules') }}
),

runs as (
    select * from {{ ref('stg_reports__runs') }}
),

severities as (
    select * from {{ ref('report_severities') }}
),

described as (
    select
        findings.* exclude (security_severity),
        contents.format,
        contents.reading_seq,
        lower(runs.tool_name) as tool,
        coalesce(findings.level, rules.level) as level_in_force,
        coalesce(lower(level_in_force), '-') as word,
        coalesce(findings.security_severity, rules.security_severity) as security_severity,
        rules.rule_name,
        rules.description as rule_description,
        rules.help_uri as rule_help_uri,
        list_sort(list_distinct(list_concat(
            from_json(findings.finding_tags, '["varchar"]'),
            from_json(rules.rule_tags, '["varchar"]')
        ))) as tags,
    from {{ ref('stg_reports__findings') }} as findings
    inner join contents
        on contents.sha256 = findings.sha256
        and contents.reading_seq = findings.run_seq
    left join rules
        on rules.sha256 = findings.sha256
        and rules.run_seq = findings.run_seq
        and rules.position = findings.rule_position
    left join runs
        on runs.sha256 = findings.sha256
        and runs.run_seq = findings.run_seq
        and runs.position = findings.run_index
    where findings.kind in ('finding', 'error')
),

-- one row per finding of a content, with the severity of the scale that all tools share
final as (
    select
        described.* exclude (word),
        coalesce(
            {{ cvss_band('described.security_severity') }},
            by_tool.severity,
            by_format.severity,
            by_word.severity
        ) as severity,
        -- A tool may compare with a baseline of its own.
        case
            when described.baseline_state = 'absent' then 'gone'
            when described.is_suppressed then 'suppressed'
            else 'open'
        end as status,
    from described
    {{ joined_severities('described.tool', 'described.format', 'described.word') }}
)

select * from final
