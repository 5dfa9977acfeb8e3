{{ config(materialized='ephemeral') }}
with states as (
    select
        path,
        run_seq,
        nullif(head_commit, '') as head_commit,
        lag(nullif(head_commit, '')) over (partition by path order by run_seq) as head_before,
    from {{ ref('stg_crawl__repositories') }}
),

-- Only a repository whose HEAD appeared at another place in the same crawl can have moved there.
suspected as (
    select distinct here.path, here.run_seq
    from states as here
    inner join states as elsewhere
        on elsewhere.run_seq = here.run_seq
        and elsewhere.head_commit = here.head_before
        and elsewhere.path <> here.path
    where here.head_commit <> here.head_before
),

readings as (
    select
        suspected.path,
        suspected.run_seq,
        min(histories.run_seq) as next_reading_seq,
    from suspected
    inner join {{ ref('stg_git__repositories') }} as histories
        on histories.path = suspected.path and histories.run_seq > suspected.run_seq
    group by suspected.path, suspected.run_seq
),

first_commits as (
    select distinct commit_sha
    from {{ ref('stg_git__commits') }}
    where len(parents) = 0
),

-- each first commit of a suspected repository: whether it had it before, and after
rooted as (
    select
        readings.path,
        readings.run_seq,
        max_by(members.is_reachable, members.run_seq) filter (
            where members.run_seq <= readings.run_seq
        ) as was_root,
        max_by(members.is_reachable, members.run_seq) as is_root,
    from readings
    inner join {{ ref('stg_git__members') }} as members
        on members.repository_path = readings.path
        and members.run_seq <= readings.next_reading_seq
    inner join first_commits on first_commits.commit_sha = members.commit_sha
    group by readings.path, readings.run_seq, members.commit_sha
),

-- One row per repository at whose place, in one crawl, a repository with no common first commit
-- took over.
final as (
    select path, run_seq
    from rooted
    group by path, run_seq
    having
        bool_or(was_root)
        and bool_or(is_root)
        and not bool_or(coalesce(was_root and is_root, false))
)

select * from final
