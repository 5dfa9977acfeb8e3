{{ config(materialized='ephemeral') }}
with files as (
    select directory_path, project_path, stem from {{ ref('int_code__importable_files') }}
    where family = 'python'
),

packages as (
    select distinct directory_path from files
    where stem = '__init__'
),

manifests as (
    select distinct directory_path from {{ ref('int_dependencies__packages') }}
    where ecosystem = 'python'
),

source_folders as (
    select places.directory_path || folders.folder as directory_path
    from (
        select directory_path from manifests

        union

        select project_path as directory_path from files
    ) as places
    cross join (values (''), ('/src'), ('/lib')) as folders (folder)
),

-- one row per folder with Python files, and folder around it or equal to it, in its project
around as (
    select
        directory_path,
        unnest({{ ancestors('directory_path') }}) as root,
        project_path,
    from (select distinct directory_path, project_path from files) as folders
),

-- Modules are imported from the folder around the outermost package, and from folders that a
-- packaging tool puts on the path.
final as (
    select
        around.directory_path,
        around.root,
    from around
    left join packages on packages.directory_path = around.root
    left join source_folders on source_folders.directory_path = around.root
    where
        {{ is_beneath('around.root', 'around.project_path') }}
        and packages.directory_path is null
    qualify
        source_folders.directory_path is not null
        or (
            around.root <> around.directory_path
            and row_number() over (
                partition by around.directory_path order by length(around.root) desc
            ) = 1
        )
)

select * from final
