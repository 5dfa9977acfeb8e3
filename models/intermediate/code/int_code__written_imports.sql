{{ config(materialized='ephemeral') }}
with imports as (
    select
        *,
        case family
            -- Bundlers take options around the path.
            when 'javascript' then regexp_replace(module, '[?].*$|^.*!', '')
            -- A shell computes the start of a path, which is mostly the folder of the script.
            when 'shell'
                then regexp_replace(module, '^(?:\$\{[^}]*\}|\$\(.*\)|\$\w+|`[^`]*`)/', '')
            when 'ruby' then regexp_replace(module, '\.rb$', '')
            else module
        end as written,
    from {{ ref('int_code__imports') }}
    where
        family in ('javascript', 'shell', 'ruby')
        or (family = 'php' and kind in ('require', 'include'))
        or (family = 'c' and not (is_standard and kind = 'include_system'))
),

-- one row per import that writes a path, or the name of a package, and where the path leads
final as (
    select
        *,
        regexp_matches(written, '^\.{0,2}/|^\.{1,2}$') as begins_with_folder,
        family = 'shell' and written <> module as is_computed,
        case
            when family in ('javascript', 'ruby') and not begins_with_folder then null
            when kind = 'include_system' then null
            else {{ written_path('base', 'written') }}
        end as place,
        case when family in ('shell', 'php') then {{ written_path('project_path', 'written') }} end
            as place_in_project,
    from imports
)

select * from final
