{{ config(materialized='ephemeral') }}
with functions as (
    select * from {{ ref('int_code__own_functions') }}

    union all

    select * from {{ ref('int_code__catalogued_functions') }}
),

-- one row per project in which the complexity of functions was measured
final as (
    select
        project_id,
        count(cyclomatic) as functions,
        count(*) filter (
            where cyclomatic >= {{ threshold('HIGH_COMPLEXITY_LOW_DOCS', 'min_cyclomatic') }}
        ) as complex_functions,
        count(distinct path) as measured_files,
        max(cyclomatic) as max_cyclomatic,
        list(
            struct_pack(
                file := file_path, line := start_line, function := function_name,
                cyclomatic := cyclomatic
            )
            order by cyclomatic desc, file_path, start_line, function_name
        ) filter (where cyclomatic is not null)[1:5] as most_complex,
        array_to_string(
            list_transform(most_complex[1:3], lambda one: one.function || ' in ' || one.file), ', '
        ) as most_complex_named,
        -- A file that was parsed here is as old as the crawl.
        case when count(*) = count(measured_at) then max(measured_at) end as measured_at,
        max_by(run_id, run_seq) as run_id,
    from functions
    group by project_id
)

select * from final
