with runs as (
    select * from {{ ref('quality_runs') }}
),

sightings as (
    select
        sightings.*,
        runs.project_id,
        runs.tool as tool_name,
        runs.reported_at,
    from {{ ref('int_reports__sightings') }} as sightings
    inner join runs using (quality_run_id)
),

newest as (
    select * from runs
    where is_newest
),

history as (
    select
        finding_id,
        min(reported_at) as first_seen,
        min_by(quality_run_id, (reported_at, quality_run_id)) as first_run_id,
        max_by(quality_run_id, (reported_at, quality_run_id)) as last_run_id,
    from sightings
    group by finding_id
),

-- one row per finding of the newest run of a series
present as (
    select
        sightings.*,
        case
            when before.finding_id is not null then 'unchanged'
            when newest.previous_run_id is not null then 'new'
            when sightings.baseline_state = 'new' then 'new'
            when sightings.baseline_state in ('unchanged', 'updated') then 'unchanged'
            when sightings.baseline_state = 'absent' then 'gone'
        end as state,
    from sightings
    inner join newest using (quality_run_id)
    left join sightings as before
        on before.finding_id = sightings.finding_id
        and before.quality_run_id = newest.previous_run_id
),

-- One row per finding that only the run before has. If the tool failed since, it may still exist.
lost as (
    select
        sightings.* replace (
            case
                when newest.is_successful is false or not newest.is_measured
                    then sightings.status
                else 'gone'
            end as status
        ),
        case when newest.is_successful is not false and newest.is_measured then 'gone' end as state,
    from newest
    inner join sightings on sightings.quality_run_id = newest.previous_run_id
    where
        sightings.finding_id not in (select finding_id from present)
        and sightings.status <> 'gone'
),

-- A tool whose reports are of several formats finds the same once.
final as (
    select
        found.*,
        history.* exclude (finding_id),
    from (
        select * from present
        union all by name
        select * from lost
    ) as found
    inner join history using (finding_id)
    qualify row_number() over (
        partition by found.finding_id order by found.reported_at desc, found.quality_run_id
    ) = 1
)

select * from final
