{{ config(materialized='ephemeral') }}
with paths as (
    select * from {{ ref('int_reports__paths') }}
    where place_kind <> 'none'
),

prefixes as (
    select
        path as old_path,
        max_by(profile, run_seq) as new_path,
    from {{ ref('stg_decisions__source_events') }}
    where kind = 'map_prefix'
    group by path
    having max_by(event, run_seq) = 'added'
),

based as (
    select
        path_no,
        place,
        unnest(from_json(bases, '["varchar"]')) as base,
    from paths
    where place_kind <> 'absolute'
),

-- one row per way to read a path: from each of its bases, and as it is written
read_as as (
    select
        path_no,
        {{ resolve_path('base', 'place') }} as text,
        0 as variant_rank,
    from based
    where base <> '.'

    union

    select path_no, place as text, 1 as variant_rank from paths
),

-- the same from the folder that the tool was started in
placed as (
    select path_no, text, variant_rank from read_as

    union

    select
        path_no,
        {{ resolve_path('paths.working_directory', 'read_as.text') }} as text,
        least(read_as.variant_rank, 0) as variant_rank,
    from read_as
    inner join paths using (path_no)
    where paths.working_directory is not null and paths.place_kind = 'relative'
),

typed as (
    select
        paths.path_no,
        paths.run_no,
        placed.text,
        placed.variant_rank,
        regexp_matches(placed.text, '^([a-z]:|/)/') as is_windows,
        is_windows or starts_with(placed.text, '/') as is_absolute,
        paths.place_kind = 'package' and not is_absolute as is_package,
    from placed
    inner join paths using (path_no)
    where placed.text is not null
),

final as (
    select
        typed.* exclude (text),
        prefixes.new_path is not null as is_mapped,
        case
            when prefixes.new_path is null then typed.text
            else
                rtrim(prefixes.new_path, '/')
                || substr(typed.text, length(rtrim(prefixes.old_path, '/')) + 1)
        end as text,
    from typed
    left join prefixes on typed.is_absolute and {{ is_beneath('typed.text', 'prefixes.old_path') }}
    qualify
        row_number() over (
            partition by typed.path_no, typed.text, typed.variant_rank
            order by length(prefixes.old_path) desc
        ) = 1
)

select * from final
