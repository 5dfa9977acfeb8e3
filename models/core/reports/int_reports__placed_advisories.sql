{{ config(materialized='ephemeral') }}
{% set package_key = "lower(regexp_replace(%s, '[-_.]+', '-', 'g'))" %}
with advised as (
    select
        advised.*,
        coalesce(ids.vulnerability, advised.advisory_id) as vulnerability,
        coalesce(ids.all_ids, [advised.advisory_id]) as all_ids,
        {{ package_key % 'advised.canonical_name' }} as package_key,
        -- npm audit has the affected range, and not the version in use.
        regexp_matches(advised.version, '[<>=~^*|,\s]') as has_range,
    from {{ ref('int_reports__advised') }} as advised
    left join {{ ref('int_reports__advisory_ids') }} as ids
        on ids.id_key = upper(trim(advised.advisory_id))
),

in_use as (
    select
        project_id,
        {{ package_key % 'package_name' }} as package_key,
        list(distinct version order by version) as versions,
    from {{ ref('sbom_components') }}
    where version is not null
    group by project_id, package_key
),

named as (
    select
        project_id,
        vulnerability,
        package_key,
        list(distinct version order by version) as versions,
    from advised
    where not has_range
    group by project_id, vulnerability, package_key
),

-- One row per report of an advisory, and version of the package that it is about. If several are
-- in use, and the report does not name one, it is not known.
final as (
    select
        advised.* exclude (version, has_range),
        case when has_range then version end as affected_range,
        unnest(case
            when not has_range then [version]
            when named.versions is not null then named.versions
            when len(in_use.versions) = 1 then in_use.versions
            else [null]
        end) as version,
    from advised
    left join named using (project_id, vulnerability, package_key)
    left join in_use using (project_id, package_key)
)

select * from final
