{{ config(materialized='ephemeral') }}
with imports as (
    select
        *,
        case family when 'php' then '\' else '.' end as separator,
        concat_ws(separator, nullif(ltrim(module, '\'), ''), taken_name) as whole,
    from {{ ref('int_code__imports') }}
    where family in ('java', 'csharp', 'php', 'go')
),

-- The last parts may name a class in a class, and a member of that.
qualified as (
    select
        file_id,
        import_index,
        family,
        unnest([0, 1, 2]) as part,
        string_split(whole, separator) as parts,
        list_slice(parts, 1, len(parts) - part) as kept_parts,
        case family
            when 'php' then array_to_string(kept_parts, '\')
            else array_to_string(kept_parts, '.')
        end as key,
    from imports
    where family <> 'go' and kind in ('import', 'use')
),

modules as (
    select * from {{ ref('int_dependencies__packages') }}
    where ecosystem = 'go'
),

folders as (
    select
        *,
        unnest({{ ancestors('module') }}) as canonical_name,
    from imports
    where family = 'go'
),

-- one row per import and name under which what it means may be known
final as (
    select
        file_id,
        import_index,
        0 as step,
        part,
        family || ' name' as space,
        key,
        'declared name' as via,
    from qualified
    where key <> ''

    union all

    select
        file_id,
        import_index,
        1 as step,
        part,
        family || ' package' as space,
        key,
        'declared package' as via,
    from qualified
    where part = 0

    union all

    -- the module with the longest name that the path begins with
    select
        folders.file_id,
        folders.import_index,
        0 as step,
        -length(folders.canonical_name) as part,
        'folder' as space,
        modules.directory_path || substr(folders.module, length(folders.canonical_name) + 1) as key,
        'package' as via,
    from folders
    inner join modules
        on modules.canonical_name = folders.canonical_name
        and (modules.project_id = folders.project_id or modules.provider_rank = 1)
)

select * from final
