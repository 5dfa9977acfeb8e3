with names as (
    select distinct lower({{ last_part('text') }}) as name
    from {{ ref('int_reports__variants') }}
),

current_files as (
    select * from {{ ref('int_files__current') }}
    where project_id is not null and lower(name) in (select name from names)
),

-- one row per life of a file on the default branch, with its path now
versions as (
    select project_id, project_path, file_path, chain_place, next_place, file_lineage_id
    from {{ ref('file_versions') }}
),

tips as (
    select file_lineage_id, file_path from versions
    where next_place is null
),

former as (
    select
        versions.project_id,
        versions.project_path,
        versions.file_path as former_path,
        max_by(tips.file_path, versions.chain_place) as file_path,
    from versions
    inner join tips using (file_lineage_id)
    where
        versions.file_path <> tips.file_path
        and lower({{ last_part('versions.file_path') }}) in (select name from names)
    group by versions.project_id, versions.project_path, versions.file_path
),

-- One row per file with a name that a report has, or had before git renamed it, if no other file
-- has that path now.
final as (
    select
        project_id,
        project_path,
        file_id,
        path,
        file_path,
        path as named_path,
        file_path as named_file_path,
        false as is_former,
    from current_files

    union all

    select
        former.project_id,
        former.project_path,
        files.file_id,
        files.path,
        files.file_path,
        former.project_path || '/' || former.former_path as named_path,
        former.former_path as named_file_path,
        true as is_former,
    from former
    inner join {{ ref('int_files__current') }} as files
        on files.project_path = former.project_path
        and files.file_path = former.file_path
    where
        former.project_path || '/' || former.former_path
        not in (select path from {{ ref('int_files__current') }})
)

select * from final
