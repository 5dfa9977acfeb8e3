with files as (
    select directory_path, name from {{ ref('int_files__states') }}
),

names as (
    select distinct name from files
),

-- each name unchanged, for test runners, and in lower case, for all others
texts as (
    select
        name,
        text,
        is_exact,
        regexp_extract(text, '\.([^.]*)$', 1) as extension,
    from (
        select name, name as text, true as is_exact from names

        union all

        select name, lower(name) as text, false as is_exact from names
    ) as both_cases
),

rules as (
    select
        rules.file_kind,
        rules.pattern,
        rules.part = 'runner' as is_exact,
        -- Most patterns are whole names or have an extension, which a join finds quickly.
        regexp_matches(rules.pattern, '[*?\[]') as is_pattern,
        nullif(regexp_extract(rules.pattern, '\.([^].*?\[]+)$', 1), '') as extension,
        -- the required ending of the name; it is fast to compare and rules out most names
        regexp_extract(rules.pattern, '[^*?\]]*$') as ending,
        kinds.precedence,
    from {{ ref('file_kind_rules') }} as rules
    inner join {{ ref('file_kinds') }} as kinds using (file_kind)
    where rules.part in ('name', 'runner') and not contains(rules.pattern, '/')
),

matches as (
    select texts.name, rules.file_kind, rules.precedence
    from texts
    inner join rules on rules.pattern = texts.text and rules.is_exact = texts.is_exact
    where not rules.is_pattern

    union all

    select texts.name, rules.file_kind, rules.precedence
    from texts
    inner join rules
        on rules.extension = texts.extension
        and rules.is_exact = texts.is_exact
        and {{ matches_glob('texts.text', 'rules.pattern') }}
    where rules.is_pattern

    union all

    select texts.name, rules.file_kind, rules.precedence
    from texts
    inner join rules
        on rules.is_exact = texts.is_exact
        and ends_with(texts.text, rules.ending)
        and {{ matches_glob('texts.text', 'rules.pattern') }}
    where rules.is_pattern and rules.extension is null
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
