{{ config(materialized='ephemeral') }}
with imports as (
    select
        *,
        string_split(concat_ws('::', ltrim(module, ':'), taken_name), '::') as parts,
        string_split(base, '/') as folders,
        len(list_filter(parts, lambda part: part = 'super')) as supers,
        -- Inside of a module in the file, the first `super` is the file.
        case when scope is null then supers else greatest(supers - 1, 0) end as ups,
    from {{ ref('int_code__imports') }}
    where family = 'rust'
),

packages as (
    select * from {{ ref('int_dependencies__packages') }}
    where ecosystem = 'cargo'
),

crate_roots as (
    select distinct directory_path from {{ ref('int_code__importable_files') }}
    where family = 'rust' and stem in ('lib', 'main')
),

crates as (
    select
        bases.base,
        max_by(crate_roots.directory_path, length(crate_roots.directory_path)) as crate_root,
    from (
        select
            base,
            unnest({{ ancestors('base') }}) as directory_path,
        from (select distinct base from imports) as distinct_bases
    ) as bases
    inner join crate_roots using (directory_path)
    group by bases.base
),

-- the folder in which the path begins, the number of parts that lead to it, and of parts needed
starts as (
    select
        imports.*,
        0 as step,
        case when parts[1] = 'crate' then 1 else supers + (parts[1] = 'self')::integer end as used,
        case
            when parts[1] = 'crate' then coalesce(crates.crate_root, base)
            else array_to_string(folders[1:len(folders) - ups], '/')
        end as folder,
        case when parts[1] = 'crate' then 'crate' else 'relative' end as via,
        used as least,
    from imports
    left join crates using (base)
    where parts[1] in ('crate', 'self', 'super')

    union all

    select
        imports.*,
        1 as step,
        1 as used,
        packages.directory_path || '/src' as folder,
        'package' as via,
        1 as least,
    from imports
    inner join packages
        on packages.canonical_name = replace(lower(imports.parts[1]), '_', '-')
        and (packages.project_id = imports.project_id or packages.provider_rank = 1)
    where not imports.is_standard

    union all

    select
        *,
        2 as step,
        0 as used,
        base as folder,
        'relative' as via,
        1 as least,
    from imports
    where parts[1] not in ('crate', 'self', 'super') and not is_standard
),

-- one row per import and place where its module may be: what follows is an item of the module
final as (
    select
        file_id,
        import_index,
        step,
        len(parts) - last_part as part,
        'rust' as space,
        array_to_string(list_prepend(folder, parts[used + 1:last_part]), '/') as key,
        via,
    from starts
    cross join unnest(generate_series(least, len(parts))) as ends (last_part)
)

select * from final
