{{ config(materialized='ephemeral') }}
-- A folder that was newly excluded from the crawl is still on disk.
with repositories as (
    select
        path,
        run_seq,
        kind,
        nullif(head_commit, '') as head_commit,
        state <> 'gone' as is_there,
    from {{ ref('stg_crawl__repositories') }}
    where reason is distinct from 'excluded'
),

gone_directories as (
    select path, run_seq
    from {{ ref('stg_crawl__directories') }}
    where state = 'gone' and reason is distinct from 'excluded'
),

-- one row per landed state of a repository, beside the state before it
lived as (
    select
        *,
        coalesce(lag(is_there) over life, false) as was_there,
        lag(kind) over life as kind_before,
        lag(head_commit) over life as head_before,
    from repositories
    window life as (partition by path order by run_seq)
),

replaced as (
    select * from {{ ref('int_structure__replaced_repositories') }}
),

repository_turns as (
    select
        lived.path,
        lived.run_seq,
        case when side.has_left then lived.kind_before else lived.kind end as kind,
        case when side.has_left then lived.head_before else lived.head_commit end as head_commit,
        side.has_left,
    from lived
    cross join (values (true), (false)) as side (has_left)
    left join replaced using (path, run_seq)
    left join gone_directories using (path, run_seq)
    where
        replaced.path is not null
        -- Without its folder, and not only without `.git`.
        or (side.has_left and lived.was_there and gone_directories.path is not null)
        or (not side.has_left and lived.is_there and not lived.was_there)
),

-- a folder with a manifest that came or left, with everything in it
manifest_turns as (
    select
        path,
        run_seq,
        'manifest' as kind,
        cast(null as varchar) as head_commit,
        has_left,
    from {{ ref('int_structure__manifest_turns') }}
    where (path, run_seq, has_left) not in (
        select (path, run_seq, has_left) from repository_turns
    )
),

every_turn as (
    select * from repository_turns

    union all

    select * from manifest_turns
),

-- one row per place that a project left, or reached, in a crawl that saw both happen
final as (
    select *
    from every_turn
    qualify
        count(*) filter (where has_left) over (partition by run_seq) > 0
        and count(*) filter (where not has_left) over (partition by run_seq) > 0
)

select * from final
