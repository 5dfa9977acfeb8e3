{{ config(materialized='ephemeral') }}
with changes as (
    select * from {{ ref('int_git__changes') }}
),

versions as (
    select * from {{ ref('file_versions') }}
),

commits as (
    select * from {{ ref('commits') }}
    where {{ is_own_work('commits') }}
),

-- one row per present or former path of a current file
names as (
    select
        versions.project_id,
        versions.file_path,
        min_by(living.file_path, (living.file_path <> versions.file_path, living.chain_place))
            as current_path,
    from versions
    inner join versions as living
        on living.project_id = versions.project_id
        and living.file_lineage_id = versions.file_lineage_id
        and living.valid_to is null
    group by versions.project_id, versions.file_path
),

-- Commits that rewrite very many files: reformatted code, moved headers, new line ends.
sweeps as (
    select commit_sha
    from changes
    where change_type = 'M'
    group by commit_sha
    having count(*) >= {{ var('sweep_min_files') }}

    union

    select commit_sha from {{ ref('stg_git__ignored_revisions') }}
),

-- One row per commit and file of today. If a sweep replaces lines, their authors stay the same.
final as (
    select
        names.project_id,
        commits.commit_sha,
        names.current_path as file_path,
        bool_and(sweeps.commit_sha is not null and changes.change_type <> 'A') as is_sweep,
        sum(changes.lines_added + changes.lines_removed) as changed_lines,
        sum(
            changes.lines_added - case
                when sweeps.commit_sha is null or changes.change_type = 'A' then 0
                else least(changes.lines_added, changes.lines_removed)
            end
        ) as grown_lines,
        sum(
            changes.lines_removed - case
                when sweeps.commit_sha is null or changes.change_type = 'A' then 0
                else least(changes.lines_added, changes.lines_removed)
            end
        ) as shrunk_lines,
    from changes
    inner join commits using (commit_sha)
    inner join names
        on names.project_id = commits.project_id and names.file_path = changes.file_path
    left join sweeps on sweeps.commit_sha = changes.commit_sha
    group by names.project_id, commits.commit_sha, names.current_path
)

select * from final
