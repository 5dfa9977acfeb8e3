with predictions as (
    select * from {{ ref('int_roles__predictions') }}
),

overrides as (
    select * from {{ ref('role_overrides') }}
),

-- Where a file is and was: a decision about a path follows the project that moved away from it.
places as (
    select file_id, path from predictions

    union all

    select
        predictions.file_id,
        moves.from_path || substr(predictions.path, length(projects.project_path) + 1) as path,
    from predictions
    inner join {{ ref('int_structure__projects') }} as projects using (project_id)
    inner join {{ ref('int_structure__moves') }} as moves using (first_path, native_number)
),

example_folders as (
    select '/' || pattern || '/' as part from {{ ref('file_kind_rules') }}
    where part = 'example'
),

-- one row per file with an override: the latest, and of several of one day the longest pattern
decided as (
    select
        places.file_id,
        max_by(
            overrides,
            (overrides.decided_on, length(overrides.path_pattern), overrides.path_pattern)
        ) as decision,
    from places
    inner join overrides on {{ matches_glob('places.path', 'overrides.path_pattern') }}
    group by places.file_id
),

-- One row per source file on disk that does a job for the project: its role, and the origin of the
-- role. Documentation, examples, and what others or programs wrote have no role here.
final as (
    select
        predictions.*,
        case
            when decided.decision is not null then 'override'
            when predictions.probabilities is not null then 'model'
            else 'unknown'
        end as role_source,
        coalesce(decided.decision.role, {{ likeliest_role('predictions.probabilities') }})
            as primary_role,
        case
            when decided.decision is not null then 1.0
            else list_max(predictions.probabilities)
        end as confidence,
        decided.decision.reason as override_reason,
        decided.decision.decided_on as overridden_on,
    from predictions
    left join decided using (file_id)
    where
        decided.decision is not null
        or (
            predictions.file_kind not in ('doc', 'vendored', 'generated')
            and not exists (
                select 1 from example_folders
                where contains('/' || lower(predictions.folder) || '/', example_folders.part)
            )
        )
)

select * from final
