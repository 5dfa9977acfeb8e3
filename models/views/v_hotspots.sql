with files as (
    select * from {{ ref('files') }}
    where file_kind in ('source', 'test')
),

file_authors as (
    select * from {{ ref('int_git__file_authors') }}
),

churn as (
    select
        project_id,
        file_path,
        sum(revisions) as revisions,
        sum(recent_revisions) as recent_revisions,
        sum(recent_changed_lines) as recent_changed_lines,
        count(*) filter (where recent_revisions > 0) as recent_authors,
        max(last_changed_at) as last_changed_at,
    from file_authors
    group by project_id, file_path
),

complexity as (
    select
        file_path_key,
        sum(cyclomatic) as complexity,
    from {{ ref('codegraphx_complexity_nodes') }}
    group by file_path_key
),

measured as (
    select
        files.file_id,
        files.project_id,
        files.project_path,
        files.file_path,
        files.language,
        cast(churn.revisions as bigint) as revisions,
        cast(churn.recent_revisions as bigint) as recent_revisions,
        cast(churn.recent_changed_lines as bigint) as recent_changed_lines,
        churn.recent_authors,
        churn.last_changed_at,
        cast(complexity.complexity as bigint) as complexity,
        files.line_count,
        -- Of two files that change equally often the larger one is where understanding costs more.
        percent_rank() over (order by churn.recent_revisions) as churn_rank,
        percent_rank() over (order by files.line_count) as size_rank,
        case
            when complexity.complexity is not null
                then percent_rank() over (
                    partition by complexity.complexity is null
                    order by complexity.complexity
                )
        end as complexity_rank,
        files.source_run_id,
    from files
    inner join churn on churn.project_id = files.project_id and churn.file_path = files.file_path
    left join complexity on complexity.file_path_key = files.project_path || '/' || files.file_path
    where churn.recent_revisions > 0
),

final as (
    select
        file_id,
        project_id,
        project_path,
        file_path,
        language,
        churn_rank * coalesce(complexity_rank, size_rank) as hotspot_score,
        churn_rank,
        complexity_rank,
        size_rank,
        recent_revisions,
        recent_changed_lines,
        recent_authors,
        revisions,
        complexity,
        line_count,
        last_changed_at,
        source_run_id,
    from measured
)

select * from final
