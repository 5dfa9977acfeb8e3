{{ config(materialized='ephemeral') }}
with files as (
    select
        *,
        {{ code_family('language') }} as family,
    from {{ ref('int_code__files') }}
    where file_kind = 'source' and parse_state in ('tree', 'partial') and code_lines > 0
),

packages as (
    select distinct directory_path from {{ ref('int_code__importable_files') }}
    where stem = '__init__'
),

-- In the other languages, files of a package see each other without an import.
judged as (
    select
        files.*,
        used.file_id is null as is_unused,
    from files
    left join {{ ref('int_code__used_files') }} as used using (file_id)
    where
        files.family in ('javascript', 'rust')
        -- Outside of packages, a file of Python is mostly a script, and people start it.
        or (
            files.family = 'python'
            and files.ext <> 'ipynb'
            and files.directory_path in (select packages.directory_path from packages)
        )
),

folders as (
    select
        directory_path,
        family,
        count(*) filter (where is_unused) as unused_count,
        count(*) as file_count,
    from judged
    group by directory_path, family
),

packaged as (
    select distinct project_id, ecosystem from {{ ref('packages') }}
    where package_name is not null
),

-- one row per own source file that nothing leads to, as far as its text and the manifests show
final as (
    select
        judged.*,
        folders.unused_count,
        folders.file_count as folder_file_count,
        packaged.project_id is not null as is_packaged,
        -- Several such files in a folder are probably loaded by their names.
        folders.unused_count >= 3 and 2 * folders.unused_count > folders.file_count
            as is_one_of_many,
    from judged
    inner join folders using (directory_path, family)
    left join packaged
        on packaged.project_id = judged.project_id
        and packaged.ecosystem = case judged.family
            when 'javascript' then 'npm'
            when 'rust' then 'cargo'
            else judged.family
        end
    where judged.is_unused
)

select * from final
