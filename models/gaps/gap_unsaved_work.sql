{% set rule = 'UNSAVED_WORK' %}
with projects as (
    select
        measures.project_id,
        measures.project_path,
        measures.is_gone,
        measures.vcs,
        measures.crawl_age_days,
        work.* exclude (project_id, project_path, last_commit_at, is_sparse, is_bare),
        -- A time of the future is a wrong clock: how long the work has waited is unknown.
        case
            when cast(work.newest_change_at as date) <= as_of_day.as_of_day
                then {{ age_days('work.newest_change_at') }}
        end as idle_days,
        path_count + stash_count + unpushed_commit_count + commits_without_remote + precious_count
            as thing_count,
    from {{ ref('int_files__project_measures') }} as measures
    left join {{ ref('int_unsaved__work') }} as work using (project_id)
    cross join {{ ref('as_of_day') }} as as_of_day
),

final as (
    select
        'UNSAVED_WORK' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or vcs = 'none' then 'not_applicable'
            when crawl_age_days is null or state is null then 'unknown'
            when crawl_age_days > {{ threshold(rule, 'max_fact_age_days') }} then 'unknown'
            when
                (
                    path_count >= {{ threshold(rule, 'min_paths') }}
                    or unpushed_commit_count >= {{ threshold(rule, 'min_commits') }}
                    or commits_without_remote >= {{ threshold(rule, 'min_commits') }}
                    or stash_count >= {{ threshold(rule, 'min_stashes') }}
                    or precious_count >= {{ threshold(rule, 'min_precious') }}
                    or operation is not null
                )
                and coalesce(idle_days >= {{ threshold(rule, 'min_idle_days') }}, true)
                then 'fail'
            when unknown_count > 0 or state = 'unknown' or remote_kind = 'untracked' then 'unknown'
            else 'pass'
        end as verdict,
        {{ stake('thing_count', rule) }} as stake,
        {{ threshold(rule, 'confidence') }} as confidence_ratio,
        {{ json_object([
            ('summary', 'sentence'), 'path_count', 'path_bytes', 'modified_count', 'added_count',
            'untracked_count', 'deleted_count', 'staged_count', 'conflict_count',
            'submodule_count', 'stash_count', 'branch_count', 'unpushed_commit_count',
            'commits_without_remote', 'detached_count', 'precious_count', 'precious_bytes',
            'unknown_count', ('unknown_reason', "coalesce(unknown_reason, 'none')"),
            ('operation', "coalesce(operation, 'none')"), 'idle_days', ('first', 'json(things)'),
        ]) }} as evidence,
        -- Each refresh reads what changed: a landed reading is as new as the crawl.
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        run_id,
    from projects
)

select * from final
