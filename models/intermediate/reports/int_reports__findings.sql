{{ config(materialized='ephemeral') }}
with contents as (
    select distinct sha256, format, reading_seq
    from {{ ref('int_reports__states') }}
),

findings as (
    select
        findings.*,
        contents.format,
        contents.reading_seq,
    from {{ ref('stg_reports__findings') }} as findings
    inner join contents
        on contents.sha256 = findings.sha256
        and contents.reading_seq = findings.run_seq
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
        findings.*,
        lower(runs.tool_name) as tool,
        coalesce(findings.level, rules.level) as level_in_force,
        coalesce(findings.security_severity, rules.security_severity) as score,
        rules.rule_name,
        rules.description as rule_description,
        rules.help_uri as rule_help_uri,
        rules.rule_tags,
    from findings
    left join rules
        on rules.sha256 = findings.sha256
        and rules.run_seq = findings.run_seq
        and rules.position = findings.rule_position
    left join runs
        on runs.sha256 = findings.sha256
        and runs.run_seq = findings.run_seq
        and runs.position = findings.run_index
),

-- one row per finding of a content, with the severity of the scale that all tools share
final as (
    select
        described.*,
        case
            when described.score >= 9 then 'critical'
            when described.score >= 7 then 'high'
            when described.score >= 4 then 'medium'
            when described.score >= 0 then 'low'
            else coalesce(by_tool.severity, by_format.severity, by_word.severity)
        end as severity,
    from described
    left join severities as by_tool
        on by_tool.reported_by = described.tool
        and by_tool.word = coalesce(lower(described.level_in_force), '-')
    left join severities as by_format
        on by_format.reported_by = described.format
        and by_format.word = coalesce(lower(described.level_in_force), '-')
    left join severities as by_word
        on by_word.reported_by = '*'
        and by_word.word = lower(described.level_in_force)
)

select * from final
