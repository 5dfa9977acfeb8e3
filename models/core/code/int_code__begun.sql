with wanted as (
    select * from {{ ref('int_code__wanted') }}
),

-- One row per name and place where it may be: in its own file, or in what the file imports. A name
-- that is not bound in its file is not looked for there.
final as (
    select
        wanted_id,
        file_id as at_file_id,
        case when not is_unbound then file_id end as own_scope,
        wanted as path,
        [0] as turns,
    from wanted
    where import_index is null

    union all

    select
        wanted.wanted_id,
        bindings.to_file_id as at_file_id,
        bindings.to_file_id as own_scope,
        {{ name_in_import('bindings', 'wanted.wanted') }} as path,
        [bindings.place] as turns,
    from wanted
    inner join {{ ref('int_code__bindings') }} as bindings using (file_id, import_index)
)

select * from final
where path <> ''
