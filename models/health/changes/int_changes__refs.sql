{{ config(materialized='ephemeral') }}
-- one row per branch or tag that came, left or was rewritten, and per default branch with new
-- commits
with final as (
    select
        change_kind,
        concat_ws(chr(31), repository_path, run_id, ref_name) as change_key,
        changed_at,
        project_id,
        project_path,
        short_name as subject,
        object_before as value_before,
        object_after as value_after,
        case change_kind
            when 'history_rewritten'
                then
                    'History of ' || short_name || ' rewritten: ' || lost || ' no longer in it'
                    || case when has_common_commit then '' else ', nothing of it is left' end
            when 'tag_created' then 'Tag ' || short_name || ' made'
            when 'tag_deleted' then 'Tag ' || short_name || ' deleted'
            when 'tag_moved' then 'Tag ' || short_name || ' moved to another commit'
            when 'branch_created' then 'Branch ' || short_name || ' created'
            when 'branch_deleted'
                then 'Branch ' || short_name || ' deleted' || case
                    when lost_count > 0 then '; ' || lost || ' in no other branch' else ''
                end
            else added || ' added to ' || short_name
        end as sentence,
        run_id as recorded_run_id,
        run_id as source_run_id,
    from {{ ref('int_changes__ref_kinds') }}
)

select * from final
