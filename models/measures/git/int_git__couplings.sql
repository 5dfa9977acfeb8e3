-- As a view, every query would pair all files again.
with touched as (select * from {{ ref('int_git__touched_files') }}),

repeats as (select * from {{ ref('int_git__repeats') }}),

-- one row per pair of files that a commit changed together
pairs as (
    select
        one.project_id,
        any_value(one.project_path) as project_path,
        one.file_path as file_path_a,
        other.file_path as file_path_b,
        count(*) as shared_revisions,
        any_value(one.revisions) as revisions_a,
        any_value(other.revisions) as revisions_b,
        max(one.source_run_id) as source_run_id,
    from touched as one
    inner join touched as other
        on other.project_id = one.project_id
        and other.commit_sha = one.commit_sha
        and other.file_path > one.file_path
    group by one.project_id, one.file_path, other.file_path
    having count(*) >= {{ var('coupling_min_shared') }}
),

rated as (
    select
        *,
        shared_revisions / ((revisions_a + revisions_b) / 2) as coupling_ratio,
        repeats.project_id is not null as is_repeat,
    from pairs
    left join repeats using (project_id)
),

final as (
    select * from rated
    where coupling_ratio >= {{ var('coupling_min_ratio') }}
)

select * from final
