with names as (
    select distinct lower(name) as name from {{ ref('int_files__states') }}
),

rules as (
    select
        rules.file_kind,
        rules.pattern,
        -- Most patterns are whole names, which a join finds quickly.
        regexp_matches(rules.pattern, '[*?\[]') as is_pattern,
        -- the required ending of the name; it is fast to compare and rules out most names
        regexp_extract(rules.pattern, '[^*?\]]*$') as ending,
        kinds.precedence,
    from {{ ref('file_kind_rules') }} as rules
    inner join {{ ref('file_kinds') }} as kinds using (file_kind)
    where rules.part = 'name'
),

matches as (
    select names.name, rules.file_kind, rules.precedence
    from names
    inner join rules on rules.pattern = names.name and not rules.is_pattern

    union all

    select names.name, rules.file_kind, rules.precedence
    from names
    inner join rules
        on ends_with(names.name, rules.ending) and {{ matches_glob('names.name', 'rules.pattern') }}
    where rules.is_pattern
),

-- one row per file name that gives a kind
final as (
    select
        name,
        min_by(file_kind, precedence) as file_kind,
        min(precedence) as precedence,
    from matches
    group by name
)

select * from final
