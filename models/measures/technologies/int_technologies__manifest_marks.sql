{{ config(materialized='ephemeral') }}
with rules as (
    select * from {{ ref('int_technologies__rules') }}
),

stated as (
    select * from {{ ref('int_technologies__stated') }}
),

names as (
    select distinct kind, of_what, name from stated
),

named as (
    select names.of_what as stated_of, names.name, rules.*
    from rules
    inner join names
        on names.kind = rules.kind
        and (rules.of_what = 'any' or names.of_what = rules.of_what)
        and (
            {{ matches_glob('names.name', 'lower(rules.pattern)') }}
            -- a program, whatever its subcommand
            or (names.kind = 'run' and split_part(names.name, ' ', 1) = rules.pattern)
        )
),

-- one row per such entry and piece of evidence that it is
final as (
    select
        files.project_id,
        files.file_path,
        case when stated.is_dev and files.place = 'own' then 'dev' else files.place end as place,
        stated.run_id,
        named.technology_name,
        named.technology_type,
        named.kind,
        named.stated_of as of_what,
        named.pattern,
        named.weight,
        named.counts_in_dev,
        named.counts_in_docs,
        named.counts_in_tests,
        named.counts_in_generated,
        stated.version,
    from stated
    inner join named
        on named.kind = stated.kind
        and named.stated_of = stated.of_what
        and named.name = stated.name
    inner join {{ ref('int_technologies__files') }} as files using (path)
)

select * from final
