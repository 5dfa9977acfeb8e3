with states as (
    select * from {{ ref('stg_git__repositories') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

-- A failed reading leaves the results of the one before.
readings as (
    select *
    from states
    where commit_count is not null
    qualify row_number() over (partition by path order by run_seq desc) = 1
),

newest as (
    select
        path,
        max_by(state, run_seq) as state,
        max_by(coalesce(reason, ''), run_seq) as reason,
        max_by(run_id, run_seq) as run_id,
    from states
    group by path
),

final as (
    select
        projects.project_id,
        projects.project_path,
        newest.state as history_state,
        nullif(newest.reason, '') as history_reason,
        readings.object_format,
        readings.head_ref,
        readings.head_commit,
        readings.default_ref,
        readings.default_commit,
        readings.is_shallow,
        readings.is_partial,
        readings.is_grafted,
        readings.commit_count,
        readings.unread_count,
        readings.read_at,
        coalesce(readings.run_id, newest.run_id) as source_run_id,
    from newest
    inner join projects on projects.project_path = newest.path
    left join readings on readings.path = newest.path
)

select * from final
