with catalogued as (
    select * from {{ ref('int_structure__catalogued') }}
    where path not in (
        select path from {{ ref('int_structure__directories') }}
        where state <> 'excluded'
    )
),

roots as (
    select * from {{ ref('int_structure__roots') }}
),

crawls as (
    select * from {{ ref('stg_crawl__roots') }}
    where state = 'complete'
),

around as (
    select
        path,
        unnest({{ ancestors('path') }}) as above_path,
    from catalogued
),

-- the nearest crawled place around a path
nearest as (
    {{ nearest_places('around') }}
),

last_crawls as (
    select
        catalogued.path,
        min(roots.root_path) as root_path,
        max(crawls.landed_at) as last_crawled_at,
    from catalogued
    inner join roots on {{ is_beneath('catalogued.path', 'roots.root_path') }}
    left join crawls using (root_path)
    group by catalogued.path
),

-- one row per catalogued path outside the crawled folders: gone, or not known to be gone
final as (
    select
        catalogued.*,
        last_crawls.root_path,
        case
            when
                catalogued.check_state = 'there'
                and catalogued.looked_at > last_crawls.last_crawled_at
                then false
            when nearest.is_listed then true
            else coalesce(catalogued.check_state = 'gone', false)
        end as is_gone,
    from catalogued
    left join nearest using (path)
    left join last_crawls using (path)
)

select * from final
