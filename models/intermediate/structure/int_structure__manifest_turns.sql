{{ config(materialized='ephemeral') }}
with directories as (
    select * from {{ ref('stg_crawl__directories') }}
),

-- In other crawls, nothing can have moved.
crawls as (
    select distinct run_seq
    from directories
    where state = 'gone' and reason is distinct from 'excluded'
),

manifests as (
    select
        files.directory_path as path,
        files.run_seq,
        files.state <> 'gone' as is_there,
    from {{ ref('stg_crawl__files') }} as files
    inner join {{ ref('manifest_files') }} as manifest_files
        on manifest_files.file_name = files.name
),

-- a folder that came or left in one of these crawls, with a manifest in it
turned as (
    select distinct
        manifests.path,
        manifests.run_seq,
        not manifests.is_there as has_left,
    from manifests
    inner join crawls using (run_seq)
    inner join directories using (path, run_seq)
    where
        directories.reason is distinct from 'excluded'
        and (directories.state = 'gone') = (not manifests.is_there)
),

known_before as (
    select
        turned.path,
        turned.run_seq,
    from turned
    inner join directories
        on directories.path = turned.path and directories.run_seq < turned.run_seq
    where not turned.has_left
    group by turned.path, turned.run_seq
    having max_by(directories.state, directories.run_seq) <> 'gone'
),

around as (
    select
        path,
        run_seq,
        has_left,
        unnest({{ ancestors('path') }}) as above_path,
    from turned
),

-- A manifest in a repository, or in a folder with a manifest, does not make a project.
inside_projects as (
    select around.path, around.run_seq, around.has_left
    from around
    inner join {{ ref('stg_crawl__repositories') }} as repositories
        on repositories.path = around.above_path
        and repositories.run_seq <= around.run_seq - cast(around.has_left as integer)
    group by around.path, around.run_seq, around.has_left, around.above_path
    having max_by(repositories.state, repositories.run_seq) <> 'gone'

    union

    select around.path, around.run_seq, around.has_left
    from around
    inner join manifests
        on manifests.path = around.above_path
        and manifests.path <> around.path
        and manifests.is_there
        and manifests.run_seq <= around.run_seq - cast(around.has_left as integer)
),

-- one row per project outside of repositories that came or left with its folder
final as (
    select turned.*
    from turned
    anti join known_before
        on known_before.path = turned.path
        and known_before.run_seq = turned.run_seq
        and not turned.has_left
    anti join inside_projects using (path, run_seq, has_left)
)

select * from final
