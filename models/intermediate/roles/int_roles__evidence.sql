with decisions as (
    select * from {{ ref('int_roles__decisions') }}
    where primary_role is not null
),

weights as (
    select part, signal, role, weight from {{ ref('role_signal_weights') }}
    where weight > 0 and part != 'bias'
),

wanted as (
    select distinct sha256, primary_role from decisions
),

contents as (
    select
        wanted.primary_role,
        contents.sha256,
        unnest(contents.signals) as met,
    from wanted
    inner join {{ ref('int_roles__contents') }} as contents using (sha256)
),

-- one row per content and role: the three signals that speak loudest for the role
by_content as (
    select
        contents.sha256,
        contents.primary_role,
        max_by(
            struct_pack(
                points := round({{ role_setting('both_content') }} * weights.weight * ln(1 + contents.met.count), 3),
                part := 'content',
                signal := contents.met.signal,
                count := contents.met.count,
                line := contents.met.line
            ),
            (weights.weight * ln(1 + contents.met.count), contents.met.signal),
            3
        ) as told,
    from contents
    inner join weights
        on weights.part = 'content' and weights.signal = contents.met.signal and weights.role = contents.primary_role
    group by contents.sha256, contents.primary_role
),

-- one row per name, folder or kind of file, and role
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
        ) as told,
    from {{ ref('int_roles__path_signals') }} as signals
    inner join weights on weights.part = 'path' and weights.signal = signals.signal
    group by signals.place, signals.text, weights.role
),

-- one row per file whose role anything speaks for: the three signals that decided
final as (
    select
        decisions.file_id,
        {{ as_json_text(
            "list_reverse_sort(
                list_concat(
                    coalesce(by_content.told, []),
                    coalesce(names.told, []),
                    coalesce(folders.told, []),
                    coalesce(kinds.told, [])
                )
            )[1:3]"
        ) }} as evidence,
    from decisions
    left join by_content
        on by_content.sha256 = decisions.sha256 and by_content.primary_role = decisions.primary_role
    left join by_path as names
        on names.place = 'name' and names.text = decisions.name and names.role = decisions.primary_role
    left join by_path as folders
        on folders.place = 'folder' and folders.text = decisions.folder and folders.role = decisions.primary_role
    left join by_path as kinds
        on kinds.place = 'kind' and kinds.text = decisions.file_kind and kinds.role = decisions.primary_role
)

select * from final
