with projects as (
    select * from {{ ref('int_structure__projects') }}
    where not is_gone and kind <> 'loose_files'
),

packages as (
    select project_id, canonical_name from {{ ref('int_dependencies__packages') }}
    where ecosystem = 'go'
),

-- one row per project and name of its folder elsewhere
final as (
    select project_id, lower(project_name) as name from projects

    union

    select
        project_id,
        lower(regexp_extract(remote_url, '([^/:]+?)(\.git)?/?$', 1)) as name,
    from projects
    where remote_url is not null

    union

    select project_id, lower(canonical_name) as name from packages
)

select * from final
