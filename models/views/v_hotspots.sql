with hotspots as (
    select * from {{ ref('int_git__hotspots') }}
),

final as (
    select
        file_id,
        project_id,
        project_path,
        file_path,
        language,
        hotspot_score,
        churn_rank,
        complexity_rank,
        size_rank,
        cast(recent_revisions as bigint) as recent_revisions,
        cast(recent_changed_lines as bigint) as recent_changed_lines,
        recent_authors,
        cast(revisions as bigint) as revisions,
        cast(complexity as bigint) as complexity,
        line_count,
        last_changed_at,
        source_run_id,
        is_repeat,
    from hotspots
)

select * from final
