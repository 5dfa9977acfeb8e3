-- a function in a source file of the project's own
with functions as (
    select
        nodes.*,
        nodes.cyclomatic >= {{ threshold('HIGH_COMPLEXITY_LOW_DOCS', 'min_cyclomatic') }}
            as is_complex,
        substr(nodes.file_path_key, length(rtrim(projects.project_path, '/')) + 2) as file_path,
    from {{ ref('int_codegraphx__complexity_nodes') }} as nodes
    inner join {{ ref('int_structure__projects') }} as projects using (project_id)
    left join {{ ref('int_files__current') }} as files on files.path = nodes.file_path_key
    where
        nodes.is_innermost
        and (files.file_kind is null or (files.file_kind = 'source' and files.is_own))
),

-- one row per project in which the complexity of functions was measured
final as (
    select
        project_id,
        count(*) as functions,
        count(*) filter (where is_complex) as complex_functions,
        count(distinct file_path_key) as measured_files,
        max(cyclomatic) as max_cyclomatic,
        list(
            struct_pack(
                file := file_path,
                line := start_line,
                function := function_name,
                cyclomatic := cyclomatic
            )
            order by cyclomatic desc, file_path, start_line, function_uid
        )[1:5] as most_complex,
        array_to_string(
            list_transform(most_complex[1:3], lambda one: one.function || ' in ' || one.file), ', '
        ) as most_complex_named,
        max(updated_at) as measured_at,
        max_by(run_id, run_seq) as run_id,
    from functions
    group by project_id
)

select * from final
