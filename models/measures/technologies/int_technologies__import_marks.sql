{{ config(materialized='ephemeral') }}
with rules as (
    select * from {{ ref('int_technologies__rules') }}
    where kind = 'import'
),

imports as (
    select
        project_id,
        file_path,
        {{ code_family('language') }} as of_what,
        -- the package of a header is its folder; its whole name says more
        case when of_what = 'c' then module else resolved_package end as imported,
        max(source_run_id) as run_id,
    from {{ ref('code_imports') }}
    where leads_to <> 'file' and imported is not null and not coalesce(is_type_only, false)
    group by all
),

names as (
    select distinct of_what, imported from imports
),

named as (
    select names.imported, rules.*
    from rules
    inner join names
        on names.of_what = rules.of_what
        and (
            {{ matches_glob('names.imported', 'rules.pattern') }}
            or {{ matches_glob('lower(names.imported)', 'rules.pattern') }}
        )
),

-- one row per file and piece of evidence that one of its imports is
final as (
    select
        files.project_id,
        files.file_path,
        files.place,
        imports.run_id,
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
    from imports
    inner join named using (of_what, imported)
    inner join {{ ref('int_technologies__files') }} as files using (project_id, file_path)
)

select * from final
