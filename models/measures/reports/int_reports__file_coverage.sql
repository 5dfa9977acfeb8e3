{% set rule = 'UNCOVERED_HOTSPOT' %}
-- The newest measurement of a file counts, with those that can be merged with it.
with newest as (
    select * from {{ ref('coverage_files') }}
    where file_id is not null
    qualify row_number() over (
        partition by file_id
        order by reported_at desc, missing_lines is null, lines_found desc, coverage_id
    ) = 1
),

final as (
    select
        newest.* exclude (lines_hit, lines_ratio, confidence_ratio),
        coalesce(merged.measurements, 1) as measurements,
        coalesce(merged.lines_hit, newest.lines_hit) as lines_hit,
        coalesce(merged.lines_hit, newest.lines_hit) / nullif(newest.lines_found, 0)
            as coverage_ratio,
        hotspots.recent_revisions,
        hotspots.hotspot_score,
        newest.file_kind = 'source'
        and newest.is_own
        and coalesce(
            hotspots.recent_revisions >= {{ threshold(rule, 'min_changes') }}
            and newest.lines_found >= {{ threshold(rule, 'min_lines') }}
            and coverage_ratio < {{ threshold(rule, 'max_coverage') }},
            false
        ) as is_uncovered_hotspot,
    from newest
    left join {{ ref('int_reports__merged_lines') }} as merged
        using (file_id, line_basis, lines_found)
    left join {{ ref('int_git__hotspots') }} as hotspots using (file_id)
)

select * from final
