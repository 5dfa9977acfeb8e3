with open_pointers as (
    select * from {{ ref('int_structure__open_pointers') }}
),

repositories as (
    select * from {{ ref('int_structure__repositories') }}
),

directories as (
    select * from {{ ref('int_structure__directories') }}
),

catalogued_elsewhere as (
    select * from {{ ref('int_structure__catalogued_elsewhere') }}
    where not is_gone
),

from_repositories as (
    select
        open_pointers.path,
        open_pointers.pointed_from,
        open_pointers.pointer_kind,
        coalesce(open_pointers.root_path, open_pointers.path) as root_path,
        'repository' as kind,
        sources.first_seen,
        sources.run_id,
        -- NULL: whenever the repository was crawled last
        cast(null as timestamp) as seen_at,
    from open_pointers
    inner join repositories as sources on sources.path = open_pointers.pointed_from
    inner join directories on directories.path = open_pointers.pointed_from
),

from_catalogues as (
    select
        path,
        catalog_path as pointed_from,
        case when check_state = 'there' then 'catalogue_present' else 'catalogue' end
            as pointer_kind,
        root_path,
        kind,
        first_seen,
        run_id,
        landed_at as seen_at,
    from catalogued_elsewhere
    where path not in (select path from from_repositories)
),

-- One row per project that is known from a pointer only: a submodule that is not checked out, a
-- linked work tree outside the crawled folders, a path of a catalogue that is elsewhere.
final as (
    select * from from_repositories

    union all by name

    select * from from_catalogues
)

select * from final
