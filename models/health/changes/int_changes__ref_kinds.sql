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

named as (
    select
        *,
        case
            when ref_kind = 'remote' then substr(short_name, strpos(short_name, '/') + 1)
            else short_name
        end as branch_name,
        case
            when change_kind = 'commits_added' then ''
            else concat_ws(' ', object_before, object_after, branch_name)
        end as what_changed,
    from kinds
    where change_kind is not null
),

-- One row per change of a kind that is reported. A push changes the local branch and its copy of
-- the remote alike; it is reported once.
final as (
    select * exclude (branch_name, what_changed)
    from named
    qualify
        row_number() over (
            partition by repository_path, run_id, change_kind, what_changed
            order by added_count desc, ref_kind, ref_name
        ) = 1
)

select * from final
