with names as (
    select distinct lower(name) as name from {{ ref('int_files__states') }}
),

-- one expression per kind: a handful of matches per name instead of one per rule
expressions as (
    select
        rules.file_kind,
        kinds.precedence,
        string_agg('(?:' || rules.pattern || ')', '|' order by rules.pattern) as expression,
    from {{ ref('file_kind_rules') }} as rules
    inner join {{ ref('file_kinds') }} as kinds using (file_kind)
    where rules.part = 'name'
    group by rules.file_kind, kinds.precedence
),

final as (
    select
        names.name,
        min_by(expressions.file_kind, expressions.precedence) as file_kind,
        min(expressions.precedence) as precedence,
    from names
    inner join expressions on regexp_full_match(names.name, expressions.expression)
    group by names.name
)

select * from final
