{{ config(materialized='ephemeral') }}
with readings as (
    select * from {{ ref('stg_git__unsaved') }}
    qualify row_number() over (partition by path order by run_seq desc) = 1
),

-- One row per repository or work tree on disk: its newest reading. The parts that all work trees of
-- a repository share count for one of them.
final as (
    select
        projects.project_id,
        projects.project_path,
        projects.is_sparse,
        projects.last_commit_at,
        repositories.kind = 'bare' as is_bare,
        readings.state = 'read' and not is_bare and not repositories.has_tracked_files
            as is_unlisted,
        case when is_unlisted then 'unknown' else readings.state end as state,
        case
            when is_unlisted then 'its HEAD could not be listed'
            else readings.reason
        end as reason,
        readings.operation,
        readings.remote_kind,
        readings.has_own_attributes,
        readings.index_at_ns,
        readings.object_format,
        readings.read_at,
        readings.run_id,
        row_number() over (
            partition by readings.common_dir
            order by repositories.kind = 'worktree', projects.project_path
        ) = 1 as is_first,
    from readings
    inner join {{ ref('int_structure__projects') }} as projects
        on projects.project_path = readings.path
    inner join {{ ref('int_structure__repositories') }} as repositories
        on repositories.path = readings.path
    where not projects.is_gone
)

select * from final
