{{ config(materialized='ephemeral') }}
{% set names = ['critical', 'high', 'medium', 'low'] %}
with settings as (
    {{ code_settings(['security_points_critical', 'security_points_high',
        'security_points_medium', 'security_points_low']) }}
),

-- A rule is about security if it has a security severity, or a tag that names a weakness. A tool
-- may have written a finding in several formats.
findings as (
    select distinct
        file_id,
        lower(tool) as tool,
        rule_id,
        start_line,
        severity,
        is_secret
        or security_severity is not null
        or regexp_matches(tags, '(?i)"(security|cwe-\d+)"') as is_security,
    from {{ ref('quality_findings') }}
    where
        status = 'open'
        and kind = 'finding'
        and file_id is not null
        -- An advisory for a package is one of the vulnerabilities below.
        and not coalesce(regexp_matches(rule_id, '(?i)(CVE-\d{4}-\d|GHSA-\w{4}-)'), false)

    union all by name

    select
        file_id,
        severity,
        true as is_security,
    from {{ ref('vulnerabilities') }}
    where not is_suppressed and file_id is not null
),

-- one row per file with open findings of other tools
final as (
    select
        file_id,
        count(*) filter (where not is_security) as smells,
        nullif(count(*) filter (where is_security), 0) as vulnerabilities,
        case
            when vulnerabilities is not null then greatest(0, 100 - sum(
                case
                    when not is_security then 0
                    {% for name in names -%}
                    when severity = '{{ name }}' then settings.security_points_{{ name }}
                    {% endfor -%}
                    else settings.security_points_medium
                end
            ))
        end as security_score,
    from findings
    cross join settings
    group by file_id
)

select * from final
