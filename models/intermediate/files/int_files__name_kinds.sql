with files as (
    select directory_path, name from {{ ref('int_files__states') }}
),

names as (
    select distinct
        name,
        lower(name) as lower_name,
    from files
),

rules as (
    select
        rules.file_kind,
        rules.pattern,
        -- Test runners distinguish upper and lower case.
        rules.part = 'runner' as is_exact,
        -- Most patterns are whole names, which a join finds quickly.
        regexp_matches(rules.pattern, '[*?\[]') as is_pattern,
        -- the required ending of the name; it is fast to compare and rules out most names
        regexp_extract(rules.pattern, '[^*?\]]*$') as ending,
        kinds.precedence,
    from {{ ref('file_kind_rules') }} as rules
    inner join {{ ref('file_kinds') }} as kinds using (file_kind)
    where rules.part in ('name', 'runner') and not contains(rules.pattern, '/')
),

matches as (
    select names.name, rules.file_kind, rules.precedence
    from names
    inner join rules
        on rules.pattern = case when rules.is_exact then names.name else names.lower_name end
    where not rules.is_pattern

    union all

    select names.name, rules.file_kind, rules.precedence
    from names
    inner join rules
        on ends_with(names.lower_name, rules.ending)
        and {{ matches_glob('names.lower_name', 'rules.pattern') }}
    where rules.is_pattern and not rules.is_exact

    union all

    select names.name, rules.file_kind, rules.precedence
    from names
    inner join rules
        on ends_with(names.name, rules.ending)
        and {{ matches_glob('names.name', 'rules.pattern') }}
    where rules.is_pattern and rules.is_exact
),

-- a file that is at the one place in its project where its name gives it the kind
placed as (
    select places.directory_path, files.name, places.file_kind, kinds.precedence
    from {{ ref('int_files__rule_places') }} as places
    inner join {{ ref('file_kinds') }} as kinds using (file_kind)
    inner join files using (directory_path)
    where places.part = 'name' and {{ matches_glob('lower(files.name)', 'places.name_pattern') }}
),

candidates as (
    select null as directory_path, * from matches

    union all

    select * from placed
),

-- one row per file name that gives a kind, everywhere or in one directory
final as (
    select
        name,
        directory_path,
        min_by(file_kind, precedence) as file_kind,
        min(precedence) as precedence,
    from candidates
    group by name, directory_path
)

select * from final
