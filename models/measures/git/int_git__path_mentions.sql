{{ config(materialized='ephemeral') }}
{%- set ending = "'[.]([A-Za-z][A-Za-z0-9_]{0,7})$', 1" %}
with mentions as (
    select * from {{ ref('int_git__named_paths') }}
),

resolved as (
    select * from {{ ref('int_git__resolved_paths') }}
),

versions as (
    select * from {{ ref('file_versions') }}
),

-- the folders and the endings of names that a project has ever had
folders as (
    select distinct
        project_id,
        unnest(string_split(file_path, '/')[:-2]) as folder,
    from versions
),

endings as (
    select distinct
        project_id,
        regexp_extract(file_path, {{ ending }}) as ending,
    from versions
),

-- a word that is not found is a path if it begins with a folder and ends like a file of the project
final as (
    select distinct
        mentions.project_id,
        mentions.commit_sha,
        mentions.mention,
        resolved.named_sha,
        resolved.blob_id,
    from mentions
    left join resolved using (project_id, commit_sha, mention)
    left join folders
        on folders.project_id = mentions.project_id
        and folders.folder = split_part(mentions.named_path, '/', 1)
    left join endings
        on endings.project_id = mentions.project_id
        and endings.ending = regexp_extract(mentions.file_name, {{ ending }})
    where
        resolved.named_sha is not null
        or (contains(mentions.named_path, '/') and folders.folder is not null and ending <> '')
)

select * from final
