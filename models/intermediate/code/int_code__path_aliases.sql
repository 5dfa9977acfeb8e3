{{ config(materialized='ephemeral') }}
with recursive places as (
    select * from {{ ref('int_code__places') }}
    where kind in ('alias', 'base', 'extends')
),

-- A compiler takes the settings of the nearest tsconfig.json, and what it extends.
settings as (
    select
        directory_path,
        manifest_path as top_path,
        manifest_path,
        0 as depth,
    from places
    where format = 'package_json' or regexp_matches(manifest_path, '/[tj]sconfig\.json$')

    union

    select
        settings.directory_path,
        settings.top_path,
        others.manifest_path,
        settings.depth + 1 as depth,
    from settings
    inner join places on places.manifest_path = settings.manifest_path and places.kind = 'extends'
    inner join places as others
        on others.manifest_path in (places.place, places.place || '.json')
    where settings.depth < 5
),

bases as (
    select manifest_path, any_value(place) as base from places
    where kind = 'base'
    group by manifest_path
),

aliases as (
    select
        settings.directory_path,
        settings.depth,
        places.position,
        places.name as pattern,
        -- Paths are relative to the base of the same file, if it has one.
        case
            when bases.base is null or starts_with(places.place, bases.base || '/')
                then places.place
            else bases.base || substr(places.place, length(places.directory_path) + 1)
        end as place,
    from settings
    inner join places using (manifest_path)
    left join bases using (manifest_path)
    where places.kind = 'alias'

    union all

    -- Below a base, every name may be a path.
    select
        settings.directory_path,
        settings.depth,
        100000 as position,
        '*' as pattern,
        bases.base || '/*' as place,
    from settings
    inner join bases using (manifest_path)
),

-- one row per folder, and pattern of what is imported below it: the place that it leads to
final as (
    select
        *,
        split_part(pattern, '*', 1) as head,
        split_part(pattern, '*', 2) as tail,
        contains(pattern, '*') as is_open,
    from aliases
)

select * from final
