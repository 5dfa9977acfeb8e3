with decisions as (
    select * from {{ ref('int_roles__decisions') }}
    where primary_role is not null
),

by_content as (
    select * from {{ ref('int_roles__content_evidence') }}
),

signals as (
    select * from {{ ref('int_roles__path_signals') }}
),

weights as (
    select signal, role, weight from {{ ref('role_signal_weights') }}
    where part = 'path' and weight > 0
),

-- one row per name, folder or kind of file, and role: its three strongest signals for the role
by_path as (
    select
        signals.place,
        signals.text,
        weights.role,
        max_by(
            struct_pack(
                points := round({{ role_setting('both_path') }} * weights.weight, 3),
                part := 'path',
                signal := signals.signal,
                count := cast(1 as bigint),
                line := cast(null as bigint)
            ),
            (weights.weight, signals.signal),
            3
        ) as strongest,
    from signals
    inner join weights using (signal)
    group by signals.place, signals.text, weights.role
),

-- one row per file with a role: the three strongest of all its signals
final as (
    select
        decisions.file_id,
        {{ as_json_text(
            "list_reverse_sort(
                list_concat(
                    coalesce(by_content.strongest, []),
                    coalesce(names.strongest, []),
                    coalesce(folders.strongest, []),
                    coalesce(kinds.strongest, [])
                )
            )[1:3]"
        ) }} as evidence,
    from decisions
    left join by_content using (sha256, primary_role)
    left join by_path as names
        on names.place = 'name'
        and names.text = decisions.name
        and names.role = decisions.primary_role
    left join by_path as folders
        on folders.place = 'folder'
        and folders.text = decisions.folder
        and folders.role = decisions.primary_role
    left join by_path as kinds
        on kinds.place = 'kind'
        and kinds.text = decisions.file_kind
        and kinds.role = decisions.primary_role
)

select * from final
