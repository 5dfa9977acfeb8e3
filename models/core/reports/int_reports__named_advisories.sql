{{ config(materialized='ephemeral') }}
-- the part of a rule id that is the id of an advisory: grype adds the name of the package
{%- set advisory -%}
'(?i)(CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|(?:PYSEC|OSV|MAL|GO|RUSTSEC)-\d{4}-\d+)'
{%- endset %}
with messages as (
    select * from {{ ref('audit_tools') }}
    where package_pattern is not null
),

-- one row per finding that is an advisory: scanners name the package in the message of their SARIF
final as (
    select
        findings.sha256,
        findings.reading_seq as run_seq,
        findings.run_index,
        findings.path_index,
        nullif(regexp_extract(findings.rule_id, {{ advisory }}, 1), '') as advisory_id,
        nullif(regexp_extract(findings.message, messages.package_pattern, 1), '') as name,
        name as canonical_name,
        regexp_extract_all(split_part(findings.message, 'also known as', 2), {{ advisory }})
            as aliases,
        nullif(regexp_extract(findings.message, messages.version_pattern, 1), '') as version,
        findings.severity,
        nullif(regexp_extract(findings.message, messages.fixed_pattern, 1), '') as fixed,
        case when fixed is null then [] else regexp_split_to_array(fixed, ',\s*') end
            as fixed_versions,
        findings.rule_description as title,
        findings.rule_help_uri as url,
        findings.is_suppressed,
        findings.suppression,
    from {{ ref('int_reports__findings') }} as findings
    cross join messages
    where
        findings.kind = 'finding'
        and regexp_matches(findings.rule_id, {{ advisory }})
        and regexp_matches(findings.message, messages.package_pattern)
)

select * from final
