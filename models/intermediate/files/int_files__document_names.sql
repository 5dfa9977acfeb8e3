with names as (
    select distinct lower(name) as name from {{ ref('int_files__current') }}
),

rules as (
    select * from {{ ref('file_kind_rules') }}
    where part in ('readme', 'license', 'record')
),

-- one row per file name that gives the purpose of a document
final as (
    select
        names.name,
        bool_or(rules.part = 'readme') as is_readme,
        bool_or(rules.part = 'license') as is_license,
    from names
    inner join rules on {{ matches_glob('names.name', 'rules.pattern') }}
    group by names.name
)

select * from final
