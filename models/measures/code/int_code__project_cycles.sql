{{ config(materialized='ephemeral') }}
with imports as (
    select
        project_id,
        count(*) as import_count,
    from {{ ref('code_imports') }}
    where {{ code_family('language') }} in ('python', 'javascript', 'ruby', 'shell')
    group by project_id
),

cycles as (
    select
        project_id,
        count(*) as cycles,
        sum(file_count)::bigint as files_in_cycles,
        list(cycle order by file_count desc, cycle_id)[1:20] as examples,
    from {{ ref('int_code__import_cycles') }}
    where is_at_run_time
    group by project_id
),

-- one row per project with imports that a running program does in their order
final as (
    select
        imports.project_id,
        imports.import_count,
        coalesce(cycles.cycles, 0) as cycles,
        coalesce(cycles.files_in_cycles, 0) as files_in_cycles,
        cycles.examples,
        array_to_string(list_append(cycles.examples[1][1:4], case
            when len(cycles.examples[1]) > 4 then '…'
            else cycles.examples[1][1]
        end), ' → ') as first,
    from imports
    left join cycles using (project_id)
)

select * from final
