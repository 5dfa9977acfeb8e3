{{ config(materialized='ephemeral') }}
with turns as (
    select * from {{ ref('int_structure__turns') }}
),

pairs as (
    select
        turns.run_seq,
        turns.path as from_path,
        there.path as to_path,
        turns.head_commit as from_head,
        there.head_commit as to_head,
        turns.head_commit = there.head_commit as is_same_head,
    from turns
    inner join turns as there
        on there.run_seq = turns.run_seq
        and there.kind = turns.kind
        and there.path <> turns.path
        and not there.has_left
    where turns.has_left and turns.head_commit is not null and there.head_commit is not null
),

-- the commits that a crawl or the landed history saw in a repository
held as (
    select repository_path, commit_sha
    from {{ ref('stg_git__members') }}
    where is_reachable

    union all

    select repository_path, commit_sha from {{ ref('stg_crawl__commits') }}
),

-- One HEAD is in the history of the other.
continued as (
    select pairs.run_seq, pairs.from_path, pairs.to_path
    from pairs
    inner join held
        on held.repository_path = pairs.to_path and held.commit_sha = pairs.from_head
    where not pairs.is_same_head

    union

    select pairs.run_seq, pairs.from_path, pairs.to_path
    from pairs
    inner join held
        on held.repository_path = pairs.from_path and held.commit_sha = pairs.to_head
    where not pairs.is_same_head
),

contents as (
    select contents.*, turns.kind
    from {{ ref('int_structure__moved_contents') }} as contents
    inner join turns
        on turns.run_seq = contents.run_seq
        and turns.path = contents.from_path
        and turns.has_left
    inner join turns as there
        on there.run_seq = contents.run_seq
        and there.path = contents.to_path
        and there.kind = turns.kind
        and not there.has_left
    where contents.content_share >= {{ identity_setting('min_moved_content_share') }}
),

-- one row per place that was left and place that may have the same project; the lower the step,
-- the more alike they are
final as (
    select run_seq, from_path, to_path, 'same_head' as evidence, 1 as step
    from pairs
    where is_same_head

    union all

    select run_seq, from_path, to_path, 'same_history' as evidence, 2 as step
    from continued

    union all

    select
        run_seq,
        from_path,
        to_path,
        case when content_share = 1 then 'same_content' else 'similar_content' end as evidence,
        case when content_share = 1 then 1 else 2 end as step,
    from contents
)

select * from final
