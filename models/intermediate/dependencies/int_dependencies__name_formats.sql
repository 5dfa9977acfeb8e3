with names as (
    select distinct
        name,
        {{ last_part('directory_path') }} || '/' || name as folder_and_name,
    from {{ ref('int_files__current') }}
    where sha256 is not null and not is_symlink
),

rules as (
    select
        *,
        contains(pattern, '/') as has_folder,
        -- What a name must end with: told at once, which spares most names the matching.
        regexp_extract(pattern, '[^*?\]/]*$') as ending,
    from {{ ref('dependency_files') }}
    where part = 'name'
),

-- a name (of a file in a folder of a name) that says what manifest the file is; the longest pattern
-- speaks
final as (
    select
        names.name,
        names.folder_and_name,
        max_by(rules.format, (length(rules.pattern), rules.pattern)) as format,
        max_by(rules.scope, (length(rules.pattern), rules.pattern)) as scope,
    from names
    inner join rules
        on ends_with(names.name, rules.ending)
        and {{ matches_glob(
            "case when rules.has_folder then names.folder_and_name else names.name end",
            'rules.pattern',
        ) }}
    group by names.name, names.folder_and_name
)

select * from final
