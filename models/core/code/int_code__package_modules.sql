with files as (
    select * from {{ ref('int_code__files') }}
),

packages as (
    select * from files
    where name = '__init__.py'
),

-- one row per package of Python and module or package in its folder
final as (
    select
        packages.file_id,
        regexp_replace(files.name, '\.[^.]*$', '') as module_name,
        files.file_id as module_file_id,
    from packages
    inner join files
        on files.directory_path = packages.directory_path
        and files.file_id <> packages.file_id

    union all

    select
        packages.file_id,
        {{ last_part('inner_packages.directory_path') }} as module_name,
        inner_packages.file_id as module_file_id,
    from packages
    inner join packages as inner_packages
        on {{ parent_path('inner_packages.directory_path') }} = packages.directory_path
)

select * from final
