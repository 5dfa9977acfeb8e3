{{ config(materialized='ephemeral') }}
with directories as (
    select
        path as directory_path,
        substr(path, length(rtrim(project_path, '/')) + 1) as folder,
    from {{ ref('int_structure__directories') }}
    where state = 'listed'
),

rules as (
    select
        file_kind,
        part,
        rtrim('/' || ltrim(regexp_replace(pattern, '[^/]*$', ''), '/'), '/') as folder,
        regexp_extract(pattern, '[^/]*$') as name_pattern,
    from {{ ref('file_kind_rules') }}
    -- Readmes and licences without a folder are those at the top.
    where contains(pattern, '/') or part in ('readme', 'license')
),

-- one row per directory and rule on the names of the files that are directly in it
final as (
    select directories.directory_path, rules.* exclude (folder)
    from directories
    inner join rules
        on lower(rules.folder) = lower(directories.folder)
        -- A folder with a capital letter is meant as it is written.
        and rules.folder in (lower(rules.folder), directories.folder)
    where rules.part in ('name', 'readme', 'license')
)

select * from final
