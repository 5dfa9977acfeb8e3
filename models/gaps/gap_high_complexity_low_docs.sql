with measures as (
    select * from {{ ref('int_files__project_measures') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

-- a function of a file that is the project's own: what others wrote and what programs wrote is nobody's to document
functions as (
    select
        nodes.*,
        nodes.cyclomatic >= {{ threshold('HIGH_COMPLEXITY_LOW_DOCS', 'min_cyclomatic') }} as is_complex,
        substr(nodes.file_path_key, length(rtrim(measures.project_path, '/')) + 2) as file_path,
    from {{ ref('codegraphx_complexity_nodes') }} as nodes
    inner join measures using (project_id)
    left join {{ ref('int_files__current') }} as files on files.path = nodes.file_path_key
    where nodes.is_innermost and (files.file_kind is null or files.file_kind = 'source')
),

complexity as (
    select
        project_id,
        count(*) as functions,
        count(*) filter (where is_complex) as complex_functions,
        count(distinct file_path_key) as measured_files,
        max(cyclomatic) as max_cyclomatic,
        list(
            {'file': file_path, 'line': start_line, 'function': function_name, 'cyclomatic': cyclomatic}
            order by cyclomatic desc, file_path, start_line, function_uid
        )[1:5] as most_complex,
        max(updated_at) as measured_at,
        max(source_run_id) as run_id,
    from functions
    group by project_id
),

measured as (
    select
        measures.* exclude (run_id),
        complexity.* exclude (project_id, run_id),
        least(measures.last_crawled_at, complexity.measured_at) as facts_at,
        {{ age_days('facts_at', 'as_of.as_of') }} as fact_age_days,
        coalesce(complexity.run_id, measures.run_id) as run_id,
    from measures
    cross join as_of
    left join complexity using (project_id)
),

judged as (
    select
        *,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            -- Of a workspace whose complexity nobody measures, nothing is missing.
            when not exists (select 1 from complexity) then 'not_applicable'
            when last_crawled_at is null then 'unknown'
            when source_lines = 0 then 'not_applicable'
            when functions is null then 'unknown'
            when fact_age_days is null
                or fact_age_days > {{ threshold('HIGH_COMPLEXITY_LOW_DOCS', 'max_fact_age_days') }}
                then 'unknown'
            when complex_functions < {{ threshold('HIGH_COMPLEXITY_LOW_DOCS', 'min_complex_functions') }}
                then 'not_applicable'
            when doc_share < {{ threshold('HIGH_COMPLEXITY_LOW_DOCS', 'min_doc_share') }} then 'fail'
            else 'pass'
        end as verdict,
    from measured
),

final as (
    select
        'HIGH_COMPLEXITY_LOW_DOCS' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        verdict,
        coalesce({{ stake('complex_functions', 'HIGH_COMPLEXITY_LOW_DOCS') }}, 0) as stake,
        -- What explains code inside of it is not counted, and a file without functions is not known to be measured.
        0.5 + 0.3 * coalesce({{ clamp('measured_files / nullif(source_files, 0)') }}, 0) as confidence_ratio,
        {{ json_object({
            'complex_functions': 'complex_functions', 'functions': 'functions', 'max_cyclomatic': 'max_cyclomatic',
            'min_cyclomatic': threshold('HIGH_COMPLEXITY_LOW_DOCS', 'min_cyclomatic'),
            'measured_files': 'measured_files', 'source_files': 'source_files', 'doc_lines': 'doc_lines',
            'source_lines': 'source_lines', 'doc_share': 'round(doc_share, 4)',
            'min_doc_share': threshold('HIGH_COMPLEXITY_LOW_DOCS', 'min_doc_share'), 'doc_files': 'doc_files',
            'has_readme': 'has_readme', 'most_complex': 'most_complex',
        }) }} as evidence,
        'Document the complex parts of ' || project_name as headline,
        complex_functions || ' of its ' || functions || ' functions are complex, and there are ' || doc_lines
        || ' lines of documentation for ' || source_lines || ' source lines' as because,
        'Begin with ' || array_to_string(
            list_transform(most_complex[1:3], lambda one: one.function || ' in ' || one.file), ', '
        ) || '.' as advice,
        cast(null as varchar) as action_group,
        {{ argv('enrich', ["'show'", 'project_path'], ['project_path']) }} as argv,
        'read' as effect,
        facts_at,
        run_id,
    from judged
)

select * from final
