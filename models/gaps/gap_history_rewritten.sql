{% set rule = 'HISTORY_REWRITTEN' %}
with recent as (
    select changes.*
    from {{ ref('int_git__ref_changes') }} as changes
    cross join {{ ref('as_of_day') }} as as_of_day
    where {{ age_days('changes.changed_at') }} <= {{ threshold(rule, 'max_age_days') }}
),

-- a project with a history that does not show whether its default branch was rewritten
unclear as (
    select distinct project_id
    from recent
    where relation = 'unknown' and is_default
),

-- One row per branch: its newest rewriting. Everyone who has a shared branch has commits that it
-- lost. Without a remote, this clone may be the only one, and rebased work is still in it.
newest as (
    select
        *,
        count(*) over (partition by project_id, ref_name) as rewritten_count,
    from recent
    where
        relation in ('backward', 'diverged')
        and case
            when is_shared then is_default or dropped_of_others_count > 0
            when has_remote or not is_default then false
            else dropped_count >= {{ threshold(rule, 'min_dropped_commits') }}
        end
    qualify row_number() over (partition by project_id, ref_name order by run_seq desc) = 1
),

-- one row per branch that was rewritten lately, and one per project without one
final as (
    select
        'HISTORY_REWRITTEN' as gap_type,
        project_id,
        projects.project_path,
        coalesce(newest.ref_name, projects.project_path) as subject,
        case
            when projects.vcs = 'none' or projects.is_gone then 'not_applicable'
            when newest.ref_name is not null then 'fail'
            when repositories.commit_count is null then 'unknown'
            when repositories.history_state in ('refused', 'broken') then 'unknown'
            when unclear.project_id is not null then 'unknown'
            else 'pass'
        end as verdict,
        {{ stake('newest.lost_count', rule) }} as stake,
        case
            when newest.is_default then {{ threshold(rule, 'confidence') }}
            else {{ threshold(rule, 'confidence_beside_default') }}
        end as confidence_ratio,
        {{ json_object([
            ('branch', 'newest.short_name'), ('before', 'newest.object_before'),
            ('after', 'newest.object_after'), 'is_default', ('lost_commits', 'lost_count'),
            ('dropped_commits', 'dropped_count'), ('added_commits', 'added_count'),
            ('seen_on', "strftime(changed_at, '%Y-%m-%d')"), 'rewritten_count',
        ]) }} as evidence,
        {{ json_object([
            ('lost', "lost_count || case when lost_count = 1 then ' commit is' else ' commits are' "
                ~ "end"),
            ('short_before', 'left(newest.object_before, 12)'),
        ]) }} as text_values,
        coalesce(newest.changed_at, repositories.read_at) as facts_at,
        coalesce(newest.run_id, repositories.source_run_id, repository_run_id) as run_id,
    from {{ ref('int_structure__projects') }} as projects
    left join newest using (project_id)
    left join {{ ref('git_repositories') }} as repositories using (project_id)
    left join unclear using (project_id)
)

select * from final
