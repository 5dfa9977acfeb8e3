with symbols as (
    select *, {{ code_family('language') }} as family
    from {{ ref('code_symbols') }}
),

names as (
    select project_id, family, qualified_name as name, symbol_id, 'qualified_name' as found_via
    from symbols
    where parent_name is not null

    union all

    -- without what is around it, it may be a method of any object, or a name that is global
    select project_id, family, name, symbol_id, 'name' as found_via
    from symbols
    where parent_name is not null or family in ('c', 'php', 'ruby', 'shell')
),

-- one row per name that a project defines once
final as (
    select
        project_id,
        family,
        name,
        found_via,
        min(symbol_id) as symbol_id,
    from names
    group by project_id, family, name, found_via
    having count(*) = 1
)

select * from final
