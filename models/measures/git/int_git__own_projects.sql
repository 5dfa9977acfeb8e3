{{ config(materialized='ephemeral') }}
with projects as (
    select *, {{ remote_key('remote_url') }} as remote_key,
    from {{ ref('int_structure__projects') }}
    where not is_gone
),

identities as (
    select * from {{ ref('int_git__my_identities') }}
),

known as (
    select
        count(*) filter (where kind in ('email', 'name')) > 0 as has_people,
        {{ weight('mine_min_commit_share') }} as min_commit_share,
    from identities
),

-- one row per project with commits: how many of them are the user's
authored as (
    select
        authors.project_id,
        sum(authors.commit_count) as commits,
        coalesce(sum(authors.commit_count) filter (
            where exists (
                select 1 from identities
                where
                    (identities.kind = 'email' and identities.value = authors.author_email)
                    or (identities.kind = 'name' and identities.value = authors.author_name)
            )
        ), 0) as own_commits,
    from {{ ref('int_git__recent_authors') }} as authors
    group by authors.project_id
),

owned as (
    select
        projects.project_id,
        min(identities.value) as owner,
    from projects
    inner join identities
        on identities.kind = 'remote_owner'
        and (
            contains(projects.remote_key || '/', '/' || identities.value || '/')
            or starts_with(projects.remote_key, identities.value || '/')
        )
    group by projects.project_id
),

with_history as (
    select distinct project_id from {{ ref('commits') }}
),

-- one row per project: whether its remote and its commits say that it is the user's own
final as (
    select
        projects.*,
        coalesce(owned.owner, '') as owner,
        coalesce(authored.commits, 0) as commits,
        coalesce(authored.own_commits, 0) as own_commits,
        own_commits > 0 and own_commits >= known.min_commit_share * commits as is_authored,
        case
            when projects.vcs = 'none' then null
            when owner <> '' or is_authored then true
            when projects.remote_url is null and (not known.has_people or commits = 0)
                then case when not projects.is_pointer then true end
            -- Merges, and the commits of bots, have no author here.
            when
                known.has_people
                and projects.remote_url is not null
                and (commits > 0 or projects.project_id in (select project_id from with_history))
                then false
        end as is_mine,
    from projects
    cross join known
    left join owned using (project_id)
    left join authored using (project_id)
)

select * from final
