{{ config(materialized='ephemeral') }}
with needs as (
    select * from {{ ref('int_dependencies__declared') }}
    where scope in ('runtime', 'optional', 'peer')
),

-- one row per project and framework that one of its dependencies shows
used as (
    select
        needs.project_id,
        frameworks.framework,
        min((frameworks.rank, needs.scope <> 'runtime', frameworks.framework)) as place,
    from needs
    inner join {{ ref('frameworks') }} as frameworks
        on frameworks.ecosystem = needs.ecosystem
        and {{ matches_glob('needs.canonical_name', 'lower(frameworks.dependency_pattern)') }}
    group by needs.project_id, frameworks.framework
),

-- one row per project with frameworks, the most decisive first
final as (
    select project_id, list(framework order by place) as names
    from used
    group by project_id
)

select * from final
