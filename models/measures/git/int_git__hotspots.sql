{{ config(materialized='ephemeral') }}
with files as (
    select * from {{ ref('int_files__current') }}
    where is_own and file_kind in ('source', 'test')
),

file_authors as (
    select * from {{ ref('int_git__file_authors') }}
),

code_files as (
    select file_id, cyclomatic from {{ ref('int_code__files') }}
    where parse_state in ('tree', 'partial')
),

complexity_nodes as (
    select * from {{ ref('codegraphx_complexity_nodes') }}
),

repeats as (
    select * from {{ ref('int_git__repeats') }}
),

recent as (
    select
        file_authors.* exclude (changes),
        list_filter(
            file_authors.changes,
            lambda one: {{ is_within_days('one.day', var('history_window_days')) }}
        ) as changes,
    from file_authors
    cross join {{ ref('as_of_day') }} as as_of_day
),

churn as (
    select
        project_id,
        file_path,
        sum(revisions) as revisions,
        sum(len(changes)) as recent_revisions,
        sum(list_sum(list_transform(changes, lambda one: one.changed_lines)))
            as recent_changed_lines,
        count(*) filter (where len(changes) > 0 and not is_bot) as recent_authors,
        max(last_changed_at) as last_changed_at,
    from recent
    group by project_id, file_path
    having sum(len(changes)) > 0
),

catalogued as (
    select
        file_path_key,
        sum(cyclomatic) as cyclomatic,
    from complexity_nodes
    group by file_path_key
),

-- One row per own source or test file that changed lately; ranks run from 0 to 1. A line of history
-- that several projects share counts once in the ranks.
final as (
    select
        files.file_id,
        files.project_id,
        files.project_path,
        files.file_path,
        files.language,
        churn.* exclude (project_id, file_path),
        -- Files that we cannot parse have the measure of CodeGraphX, if there is one.
        coalesce(code_files.cyclomatic, catalogued.cyclomatic) as complexity,
        files.line_count,
        repeats.project_id is not null as is_repeat,
        percent_rank() over (partition by is_repeat order by churn.recent_revisions)
            as churn_rank,
        -- If two files change equally often, the larger one costs more to understand. A notebook is
        -- as large as its code.
        percent_rank() over (partition by is_repeat order by files.source_line_count)
            as size_rank,
        case
            when complexity is not null then percent_rank() over (
                partition by is_repeat, complexity is null
                order by complexity
            )
        end as complexity_rank,
        churn_rank * coalesce(complexity_rank, size_rank) as hotspot_score,
        files.run_id as source_run_id,
    from files
    inner join churn using (project_id, file_path)
    left join repeats on repeats.project_id = files.project_id
    left join code_files using (file_id)
    left join catalogued
        on catalogued.file_path_key = files.project_path || '/' || files.file_path
)

select * from final
