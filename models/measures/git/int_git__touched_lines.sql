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

ignored as (
    select distinct commit_sha from {{ ref('stg_git__ignored_revisions') }}
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

sizes as (
    select
        project_id,
        count(distinct current_path) as file_count,
    from names
    group by project_id
),

named as (
    select
        names.project_id,
        names.current_path as file_path,
        changes.commit_sha,
        changes.change_type,
        changes.lines_added,
        changes.lines_removed,
        ignored.commit_sha is not null as is_ignored,
        count(*) filter (where changes.change_type = 'M') over (
            partition by names.project_id, changes.commit_sha
        ) as modified_files,
    from changes
    inner join commits using (commit_sha)
    inner join names
        on names.project_id = commits.project_id and names.file_path = changes.file_path
    left join ignored on ignored.commit_sha = changes.commit_sha
),

-- Commits that modify very many files at a time: reformatted code, headers, other line ends.
judged as (
    select
        named.*,
        named.change_type <> 'A' and (
            named.is_ignored
            or named.modified_files >= {{ var('sweep_min_files') }}
            or named.modified_files >= greatest(
                {{ var('sweep_min_few') }}, {{ var('sweep_min_share') }} * sizes.file_count
            )
        ) as is_sweep,
    from named
    inner join sizes using (project_id)
),

-- one row per commit and file of today; a sweep can remove lines, and gives none to its author
final as (
    select
        project_id,
        commit_sha,
        file_path,
        bool_and(is_sweep) as is_sweep,
        sum(lines_added + lines_removed) as changed_lines,
        sum(case when is_sweep then 0 * lines_added else lines_added end) as grown_lines,
        sum(case when is_sweep then greatest(0, lines_removed - lines_added) else lines_removed end)
            as shrunk_lines,
    from judged
    group by project_id, commit_sha, file_path
)

select * from final
