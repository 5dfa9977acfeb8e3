{{ config(materialized='ephemeral') }}
with seeded as (
    select kind, lower(value) as value from {{ ref('my_identities') }}
),

authors as (
    select * from {{ ref('int_git__recent_authors') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
    where not is_gone
),

owners as (
    select
        project_id,
        {{ remote_key('remote_url') }} as remote_key,
        regexp_extract({{ remote_key('remote_url') }}, '^[^/]+\.[^/]+/[^/]+') as owner,
    from projects
    where remote_url is not null
),

recent_authors as (
    select
        author_email,
        bool_or(is_only_here and is_main_author) as is_author_of_own,
        count(*) as project_count,
    from authors
    where is_recent
    group by author_email
),

-- the main authors of projects that are only here; without one, the authors of many projects
frequent_authors as (
    select
        'email' as kind,
        author_email as value,
    from recent_authors
    where
        is_author_of_own
        or (
            not exists (select 1 from recent_authors as others where others.is_author_of_own)
            and project_count >= {{ weight('mine_min_projects') }}
            and project_count >= {{ weight('mine_min_project_share') }} * (
                select count(distinct project_id) from authors where is_recent
            )
        )
),

-- The owner of many of the remotes here. A remote counts once, however many clones of it are here;
-- if the user is known, the user must have committed to one of them.
frequent_owners as (
    select
        'remote_owner' as kind,
        owner as value,
    from owners
    where owner <> ''
    group by owner
    having
        count(distinct remote_key) >= {{ weight('mine_min_projects') }}
        and count(distinct remote_key) >= {{ weight('mine_min_project_share') }} * (
            select count(distinct remote_key) from owners
        )
        and (
            not exists (select 1 from frequent_authors)
            or bool_or(project_id in (
                select authors.project_id
                from authors
                inner join frequent_authors on frequent_authors.value = authors.author_email
            ))
        )
),

-- One row per identity of the user, and per owner of the user's remotes. Rows of the seed replace
-- the frequent ones.
final as (
    select kind, value, true as is_configured from seeded

    union all

    select kind, value, false as is_configured from frequent_authors
    where not exists (select 1 from seeded where seeded.kind in ('email', 'name'))

    union all

    select kind, value, false as is_configured from frequent_owners
    where not exists (select 1 from seeded)
)

select * from final
