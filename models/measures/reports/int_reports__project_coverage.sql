{{ config(materialized='ephemeral') }}
with unmatched as (
    select project_id, count(distinct file_path) as unmatched_files
    from {{ ref('coverage_files') }}
    where file_id is null
    group by project_id
),

-- One row per project and way to count lines: rates of different ways do not compare. Tests that
-- cover themselves, and files of others, do not count.
final as (
    select
        project_id,
        line_basis,
        count(*) as measured_files,
        sum(lines_found) as lines_found,
        sum(lines_hit) as lines_hit,
        sum(lines_hit) / nullif(sum(lines_found), 0) as coverage_ratio,
        sum(branches_found) as branches_found,
        sum(branches_hit) as branches_hit,
        sum(branches_hit) / nullif(sum(branches_found), 0) as branches_ratio,
        any_value(unmatched.unmatched_files) as unmatched_files,
        count(*) filter (where is_uncovered_hotspot) as uncovered_hotspots,
        list(
            struct_pack(
                file := file_path, changes := recent_revisions, coverage := round(coverage_ratio, 3)
            )
            order by recent_revisions * (1 - coverage_ratio) desc, file_path
        ) filter (where is_uncovered_hotspot)[1:10] as hottest,
        list_sort(list_distinct(list(coalesce(tool, format)))) as tools,
        max(reported_at) as reported_at,
        max_by(source_run_id, reported_at) as source_run_id,
    from {{ ref('int_reports__file_coverage') }}
    left join unmatched using (project_id)
    where file_kind = 'source' and is_own
    group by project_id, line_basis
)

select * from final
