with recursive vulnerable as (
    select vulnerability_id, project_id, package_name, version
    from {{ ref('vulnerabilities') }}
),

-- the packages in reports of projects with vulnerabilities
nodes as (
    select
        runs.quality_run_id,
        runs.project_id,
        components.reference,
        coalesce(components.canonical_name, components.name) as package_name,
        components.version,
        components.is_direct and not components.is_root as is_start,
        package_name || coalesce('@' || components.version, '') as label,
    {{ from_reports('components', has_paths=false) }}
    where
        runs.is_newest
        and runs.is_measured
        and runs.project_id in (select vulnerable.project_id from vulnerable)
),

links as (
    select distinct
        runs.quality_run_id,
        component_links.from_reference,
        component_links.to_reference,
    {{ from_reports('component_links', has_paths=false) }}
    where runs.quality_run_id in (select nodes.quality_run_id from nodes)
),

-- breadth first: a package is reached once, by one of the shortest chains to it
chains (quality_run_id, reference, chain) {{ using_key(['quality_run_id', 'reference']) }} as (
    select quality_run_id, reference, [min(label)]
    from nodes
    where is_start
    group by quality_run_id, reference

    union

    select links.quality_run_id, links.to_reference, min(list_append(chains.chain, nodes.label))
    from chains
    inner join links
        on links.quality_run_id = chains.quality_run_id and links.from_reference = chains.reference
    inner join nodes
        on nodes.quality_run_id = links.quality_run_id and nodes.reference = links.to_reference
    left join recurring.chains as reached
        on reached.quality_run_id = links.quality_run_id
        and reached.reference = links.to_reference
    where reached.reference is null
    group by links.quality_run_id, links.to_reference
),

-- one row per vulnerability of a package that a project's own dependencies lead to
final as (
    select
        vulnerable.vulnerability_id,
        min_by(chains.chain, (len(chains.chain), chains.chain)) as chain,
    from vulnerable
    inner join nodes using (project_id, package_name, version)
    inner join chains using (quality_run_id, reference)
    group by vulnerable.vulnerability_id
)

select * from final
