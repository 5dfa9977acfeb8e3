{{ config(materialized='view') }}
with projects as (
    select * from {{ ref('projects') }}
),

structure as (
    select * from {{ ref('int_structure__projects') }}
),

measures as (
    select
        project_id,
        files_left_out,
    from {{ ref('int_files__project_measures') }}
),

counts as (
    select * from {{ ref('int_files__project_counts') }}
),

gone_counts as (
    select * from {{ ref('int_files__gone_counts') }}
),

-- One row per project whose files were crawled; without files it has counts of 0. The contents of a
-- bare repository are objects, which the crawl does not read.
present as (
    select
        projects.project_id,
        coalesce(counts.file_count, 0) as file_count,
        coalesce(counts.line_count, 0) as line_count,
        coalesce(counts.size_bytes, 0) as size_bytes,
        coalesce(counts.test_files, 0) as test_file_count,
        coalesce(counts.doc_files, 0) as doc_file_count,
        {{ found_in('counts.has_readme') }} as has_readme,
        {{ found_in('counts.test_files > 0') }} as has_tests,
        {{ found_in('counts.further_doc_files > 0') }} as has_docs,
        {{ found_in('counts.has_ci') }} as has_ci,
        {{ found_in('counts.has_license') }} as has_license,
        counts.primary_language,
        coalesce(counts.own_files, 0) as own_file_count,
        coalesce(counts.own_lines, 0) as own_line_count,
        case when coalesce(counts.is_ignored_known, true) then coalesce(counts.ignored_files, 0) end
            as ignored_file_count,
        case when coalesce(counts.is_ignored_known, true) then coalesce(counts.ignored_lines, 0) end
            as ignored_line_count,
        coalesce(counts.vendored_files, 0) as vendored_file_count,
        coalesce(counts.vendored_lines, 0) as vendored_line_count,
        coalesce(counts.generated_files, 0) as generated_file_count,
        coalesce(counts.generated_lines, 0) as generated_line_count,
        coalesce(counts.notebook_files, 0) as notebook_file_count,
        coalesce(counts.notebook_lines, 0) as notebook_line_count,
        coalesce(counts.source_lines, 0) as source_line_count,
    from projects
    inner join measures using (project_id)
    inner join structure using (project_id)
    left join counts using (project_id)
    where
        projects.last_seen is not null
        and not coalesce(structure.is_bare, false)
        and not projects.is_gone
),

-- A project that is gone keeps its last counts; the kinds of its files are not known any more.
final as (
    select * from present

    union all by name

    select * from gone_counts
)

select * from final
