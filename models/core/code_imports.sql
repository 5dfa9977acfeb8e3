with imports as (
    select * from {{ ref('int_code__imports') }}
),

needed as (
    select * from {{ ref('int_code__needed_projects') }}
),

matches as (
    select
        matches.* exclude (project_id),
        case
            when is_same_project or via = 'relative' then via
            when needed.project_id is not null then 'dependency'
            else 'package name'
        end as resolved_via,
    from {{ ref('int_code__import_matches') }} as matches
    left join needed
        on needed.project_id = matches.project_id
        and needed.provider_project_id = matches.resolved_project_id
),

ways as (
    select * from {{ ref('import_ways') }}
),

factors as (
    select confidence as of_several from ways
    where via = 'several'
),

-- An import that begins with a name of its own project does not lead out of it.
own_names as (
    select distinct project_id, split_part(dotted, '.', 1) as first_name, 'python' as family
    from {{ ref('int_code__python_names') }}
),

final as (
    select
        imports.file_id,
        imports.import_index,
        imports.project_id,
        imports.project_path,
        imports.file_path,
        imports.language,
        imports.line,
        imports.kind,
        imports.module,
        imports.level,
        imports.name,
        imports.bound_name,
        imports.scope,
        imports.is_type_only,
        imports.is_deferred,
        case
            when matches.file_id is not null then 'file'
            when imports.is_standard then 'standard library'
            -- These paths have no host, and these classes no namespace.
            when imports.family = 'go' and not contains(imports.first_name, '.')
                then 'standard library'
            when imports.family = 'php' and imports.kind = 'use' and not contains(module, '\')
                then 'standard library'
            when imports.package_name is not null and own_names.first_name is null then 'package'
            else 'unknown'
        end as leads_to,
        matches.resolved_file_id,
        matches.resolved_project_id,
        matches.resolved_project_path,
        matches.resolved_file_path,
        case when leads_to in ('package', 'standard library') then imports.package_name end
            as resolved_package,
        matches.resolved_via,
        ways.confidence * case when matches.is_ambiguous then factors.of_several else 1 end
            as confidence_ratio,
        imports.source_run_id,
    from imports
    cross join factors
    left join matches using (file_id, import_index)
    left join own_names
        on own_names.project_id = imports.project_id
        and own_names.family = imports.family
        and own_names.first_name = imports.first_name
    left join ways on ways.via = matches.resolved_via
)

select * from final
