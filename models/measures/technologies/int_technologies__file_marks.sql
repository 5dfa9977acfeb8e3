{{ config(materialized='ephemeral') }}
with files as (
    select * from {{ ref('int_technologies__files') }}
),

rules as (
    select
        *,
        lower({{ last_part('pattern') }}) as name_pattern,
        case
            when starts_with(pattern, '/') then lower(pattern)
            when contains(pattern, '/') then '*/' || lower(pattern)
        end as path_pattern,
        -- the required ending of the name; it is fast to compare and rules out most names
        regexp_extract(name_pattern, '[^*?\]/]*$') as ending,
        name_pattern <> ending as is_glob,
    from {{ ref('int_technologies__rules') }}
    where kind = 'file'
),

names as (
    select distinct name from files
),

named as (
    select names.name, rules.*
    from rules
    inner join names on names.name = rules.name_pattern
    where not rules.is_glob

    union all

    select names.name, rules.*
    from rules
    inner join names
        on ends_with(names.name, rules.ending)
        and {{ matches_glob('names.name', 'rules.name_pattern') }}
    where rules.is_glob
),

-- one row per file and piece of evidence that its name is
final as (
    select
        files.project_id,
        files.file_path,
        files.place,
        files.run_id,
        named.technology_name,
        named.technology_type,
        named.kind,
        named.of_what,
        named.pattern,
        named.weight,
        named.counts_in_dev,
        named.counts_in_docs,
        named.counts_in_tests,
        named.counts_in_generated,
    from files
    inner join named using (name)
    where
        named.path_pattern is null
        or {{ matches_glob('files.path_in_project', 'named.path_pattern') }}
)

select * from final
