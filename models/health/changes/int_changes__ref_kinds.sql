{{ config(materialized='ephemeral') }}
with kinds as (
    select
        *,
        case
            -- A local branch that was rebased before a push is daily work.
            when relation in ('backward', 'diverged')
                then case
                    when is_shared or is_default or dropped_count > 0 then 'history_rewritten'
                end
            when ref_kind = 'tag' and change_type = 'created' then 'tag_created'
            when ref_kind = 'tag' and change_type = 'deleted' then 'tag_deleted'
            when ref_kind = 'tag' then 'tag_moved'
            when change_type = 'created' then 'branch_created'
            when change_type = 'deleted' then 'branch_deleted'
            -- The other branches move with every day's work.
            when is_default and relation = 'forward' then 'commits_added'
        end as change_kind,
        case when lost_count = 1 then '1 commit is' else lost_count || ' commits are' end as lost,
        case when added_count = 1 then '1 commit' else added_count || ' commits' end as added,
    from {{ ref('int_git__ref_changes') }}
),

-- One row per change of a kind that is reported. The local branch and its copy of the remote mostly
-- get the same commits, which are reported once.
final as (
    select *
    from kinds
    where change_kind is not null
    qualify
        change_kind <> 'commits_added'
        or row_number() over (
            partition by repository_path, run_id, change_kind
            order by added_count desc, ref_kind, ref_name
        ) = 1
)

select * from final
