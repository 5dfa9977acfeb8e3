with projects as (
    select * from {{ ref('int_structure__projects') }}
),

crawls as (
    select * from {{ ref('int_structure__project_crawls') }}
),

-- A project whose programs rarely begin with a notice got those that do from elsewhere.
counts as (
    select
        *,
        noticed_files < {{ threshold('HIGH_SIZE_LOW_TEST_COVERAGE', 'min_notice_share') }}
        * program_files as leaves_out_notices,
    from {{ ref('int_files__project_counts') }}
),

-- one row per sparse checkout: its tracked files that are not on disk
left_out as (
    select
        tracked.repository_path,
        count(*) as files_left_out,
    from {{ ref('int_structure__tracked_files') }} as tracked
    inner join projects
        on projects.project_path = tracked.repository_path and projects.is_sparse
    left join {{ ref('int_files__states') }} as files
        on files.path = tracked.path and files.state <> 'gone'
    where not tracked.is_submodule and files.path is null
    group by tracked.repository_path
),

contents as (
    select * from {{ ref('int_files__project_contents') }}
),

as_of_day as (
    select * from {{ ref('as_of_day') }}
),

-- one row per project: the age of its last crawl, and the amount of code, tests and documentation
final as (
    select
        projects.project_id,
        projects.project_path,
        projects.project_name,
        projects.kind,
        projects.vcs,
        projects.repository_state,
        projects.has_tracked_files,
        coalesce(projects.is_bare, false) as is_bare,
        projects.is_gone,
        -- In days: most crawls find nothing new, and change nothing here.
        {{ age_days('crawls.last_crawled_at') }} as crawl_age_days,
        coalesce(counts.source_files, 0) as source_files,
        coalesce(counts.source_lines, 0) as source_lines,
        coalesce(counts.test_files, 0) as test_files,
        coalesce(counts.test_lines, 0) as test_lines,
        coalesce(contents.inline_test_lines, 0) as inline_test_lines,
        coalesce(counts.doc_files, 0) as doc_files,
        coalesce(counts.doc_lines, 0) as doc_lines,
        coalesce(counts.program_lines, 0) as program_lines,
        counts.leaves_out_notices,
        case when counts.leaves_out_notices then counts.noticed_lines else 0 end as left_out_lines,
        case when counts.leaves_out_notices then 0 else counts.noticed_files end
            as own_notice_files,
        coalesce(counts.program_lines, 0) - left_out_lines as lines_to_test,
        counts.project_id is not null as has_files,
        coalesce(counts.further_doc_files, 0) as further_doc_files,
        coalesce(counts.has_readme, false) as has_readme,
        coalesce(counts.has_license, false) as has_license,
        coalesce(contents.has_license_text, false) as has_license_text,
        coalesce(counts.has_ci, false) as has_ci,
        contents.lifecycle,
        -- A test inside a source file is a test, and not source.
        greatest(lines_to_test - coalesce(contents.inline_test_lines, 0), 0) as code_lines,
        (counts.test_lines + coalesce(contents.inline_test_lines, 0)) / nullif(code_lines, 0)
            as test_share,
        contents.uncounted_lines / nullif(counts.source_lines, 0) as inline_test_share,
        counts.doc_lines / nullif(counts.source_lines, 0) as doc_share,
        case when projects.is_sparse is not null then coalesce(left_out.files_left_out, 0) end
            as files_left_out,
    from projects
    cross join as_of_day
    left join crawls using (project_id)
    left join counts using (project_id)
    left join left_out on left_out.repository_path = projects.project_path
    left join contents using (project_id)
)

select * from final
