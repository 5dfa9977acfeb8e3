with judged as (
    select * from {{ ref('int_git__own_projects') }}
),

pointers as (
    select * from {{ ref('int_structure__pointers') }}
    where pointer_kind in ('submodule', 'worktree')
),

-- A submodule or a project in a folder of another one is judged by that one, if by nothing else.
around as (
    select
        inner_one.project_id,
        max_by(outer_one, length(outer_one.project_path)) as judgement,
    from judged as inner_one
    left join pointers on pointers.path = inner_one.project_path
    inner join judged as outer_one
        on outer_one.project_id <> inner_one.project_id
        and outer_one.vcs <> 'none'
        and (
            outer_one.project_path = pointers.pointed_from
            or {{ is_beneath('inner_one.project_path', 'outer_one.project_path') }}
        )
    where inner_one.is_mine is null
    group by inner_one.project_id
),

-- A folder without history, almost all of whose files are in the history of a repository, is judged
-- by that repository.
copied as (
    select * from {{ ref('int_git__copied') }}
),

-- one row per project: whether it is the user's own, NULL if unknown, and why
final as (
    select
        judged.project_id,
        coalesce(judged.is_mine, around.judgement.is_mine, copied.is_mine) as is_mine,
        case
            when judged.owner <> '' then 'its remote belongs to ' || judged.owner
            when judged.is_mine is false and judged.commits = 0 then 'none of its commits is yours'
            when judged.is_authored or judged.is_mine is false
                then
                    {{ thousands('judged.own_commits') }} || ' of '
                    || {{ counted('judged.commits', 'commit') }} || ' by you'
            when judged.is_mine then 'it has no remote, so it is only here'
            when around.judgement.is_mine is not null
                then 'it belongs to ' || around.judgement.project_name
            when copied.is_mine is not null then copied.mine_reason
            else 'unknown: neither its commits nor its remote show it'
        end as mine_reason,
    from judged
    left join around using (project_id)
    left join copied on copied.folder_path = judged.project_path
)

select * from final
