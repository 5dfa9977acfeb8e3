{{ config(materialized='ephemeral') }}
with needs as (
    select * from {{ ref('int_dependencies__declared') }}
    where scope in ('runtime', 'optional', 'peer')
),

frameworks as (
    select
        technologies.technology_name as framework,
        technologies.rank,
        evidence.of_what as ecosystem,
        lower(evidence.pattern) as dependency_pattern,
    from {{ ref('technologies') }} as technologies
    inner join {{ ref('technology_evidence') }} as evidence
        using (technology_name, technology_type)
    where technology_type = 'framework' and evidence.kind = 'dependency'
),

-- one row per project and framework that one of its dependencies shows
used as (
    select
        needs.project_id,
        frameworks.framework,
        min((frameworks.rank, needs.scope <> 'runtime', frameworks.framework)) as place,
    from needs
    inner join frameworks
        on frameworks.ecosystem = needs.ecosystem
        and {{ matches_glob('needs.canonical_name', 'frameworks.dependency_pattern') }}
    group by needs.project_id, frameworks.framework
),

-- one row per project with frameworks, the most decisive first
final as (
    select project_id, list(framework order by place) as names
    from used
    group by project_id
)

select * from final
