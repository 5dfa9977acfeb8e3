{{ config(materialized='ephemeral') }}
with mirrors as (
    select * from {{ ref('int_mirrors__mirrors') }}
),

states as (
    select * from {{ ref('int_copies__states') }}
),

old_states as (
    select * from states
    where is_old_state
),

directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

-- an old state beside each repository with most of its files, and beside the other old states
family as (
    select folder_path, origins.origin_path as other_path
    from old_states
    inner join {{ ref('int_copies__origins') }} as origins using (folder_path)

    union

    select old_states.folder_path, other.folder_path as other_path
    from old_states
    inner join old_states as other using (origin_path)
),

-- An old copy has one finding, whatever it has in common with its original today or with another
-- copy.
reported as (
    select mirrors.*
    from mirrors
    anti join old_states as elsewhere
        on elsewhere.folder_path = mirrors.mirror_path
        and elsewhere.origin_path <> mirrors.original_project_path
    anti join family
        on family.folder_path <> mirrors.mirror_path
        and {{ is_beneath('mirrors.mirror_path', 'family.folder_path') }}
        and {{ is_beneath('mirrors.original_path', 'family.other_path') }}
),

unreported as (
    select old_states.*
    from old_states
    anti join reported
        on {{ is_beneath('old_states.folder_path', 'reported.mirror_path') }}
    -- The copy of a copy is in the outer one.
    anti join old_states as around
        on around.folder_path <> old_states.folder_path
        and {{ is_beneath('old_states.folder_path', 'around.folder_path') }}
),

every_copy as (
    select * from reported

    union all by name

    select
        unreported.folder_path as mirror_path,
        unreported.origin_path as original_path,
        unreported.origin_path as original_project_path,
        directories.tree_nonempty_count as mirror_files,
        originals.tree_nonempty_count as original_files,
        null as identical_files,
        null as identical_share,
        false as is_exact,
        unreported.project_path,
        directories.tree_size_bytes as mirror_size_bytes,
        directories.run_id,
    from unreported
    inner join directories on directories.path = unreported.folder_path
    left join directories as originals on originals.path = unreported.origin_path
),

-- one row per folder that is a copy, and which state of its original it is
final as (
    select
        every_copy.*,
        states.* exclude (
            folder_path, origin_id, origin_path, project_path, head_commit, has_head, is_old_state
        ),
        {{ last_part('states.origin_path') }} as origin_name,
    from every_copy
    left join states
        on states.folder_path = every_copy.mirror_path
        and states.origin_path = every_copy.original_project_path
)

select * from final
