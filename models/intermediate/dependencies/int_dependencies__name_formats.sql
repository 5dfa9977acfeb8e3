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
        -- the required ending of the name; it is fast to compare and rules out most names
        regexp_extract(pattern, '[^*?\]/]*$') as ending,
    from {{ ref('dependency_files') }}
    where part = 'name'
),

-- one row per file name and folder name that identifies a manifest; the longest pattern wins
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
