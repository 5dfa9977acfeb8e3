with files as (
    select *, {{ code_family('language') }} as family
    from {{ ref('int_code__files') }}
),

calls as (
    select * from {{ ref('stg_code__content_calls') }}
),

names as (
    select * from {{ ref('int_code__names') }}
),

only_names as (
    select * from {{ ref('int_code__only_names') }}
),

-- one row per call, with what its name means in its file
placed as (
    select
        files.project_id,
        files.file_id,
        files.file_path,
        files.language,
        files.family,
        files.source_run_id,
        calls.*,
        coalesce(names.symbol_id, found.symbol_id) as found_symbol_id,
        case
            when found_symbol_id is null then null
            when found.through > 0
                then ['reexport', 'star', 'package', 'global', 'inherited'][found.through]
            else calls.via
        end as found_via,
        case
            when found_symbol_id is null and calls.import_index is null
                then regexp_extract(calls.callee, '[\w$]+$')
        end as last_name,
        case when last_name is not null then calls.target end as last_target,
        calls.callee <> last_name as has_receiver,
    from files
    inner join calls using (sha256, run_seq)
    left join {{ ref('int_code__found') }} as found
        on found.wanted_id = {{ wanted_id('files', 'calls') }} and calls.via <> 'local'
    left join names
        on names.file_id = files.file_id
        and names.qualified_name = calls.target
        and names.from_line <= calls.line
        and (names.is_last or names.until_line > calls.line)
        and calls.via = 'local'
),

resolved as (
    select
        placed.*,
        coalesce(placed.found_symbol_id, by_target.symbol_id, by_name.symbol_id) as symbol_id,
        coalesce(placed.found_via, by_target.found_via, by_name.found_via) as resolved_via,
    from placed
    left join only_names as by_target
        on by_target.project_id = placed.project_id
        and by_target.family = placed.family
        and by_target.found_via = 'qualified_name'
        and by_target.name = placed.last_target
    left join only_names as by_name
        on by_name.project_id = placed.project_id
        and by_name.family = placed.family
        and by_name.found_via = 'name'
        and by_name.name = placed.last_name
        and (placed.has_receiver or placed.family in ('c', 'php', 'ruby', 'shell'))
),

final as (
    select
        resolved.project_id,
        resolved.file_id,
        resolved.file_path,
        resolved.language,
        cast(resolved.call_index as bigint) as call_index,
        resolved.line,
        resolved.caller as caller_name,
        names.symbol_id as caller_symbol_id,
        resolved.callee,
        resolved.symbol_id,
        resolved.resolved_via,
        confidences.confidence as confidence_ratio,
        resolved.source_run_id,
    from resolved
    left join names
        on names.file_id = resolved.file_id
        and names.qualified_name = resolved.caller
        and names.from_line <= resolved.line
        and (names.is_last or names.until_line > resolved.line)
    left join {{ ref('call_confidences') }} as confidences using (resolved_via)
)

select * from final
