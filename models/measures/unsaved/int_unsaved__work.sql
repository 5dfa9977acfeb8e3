{% set kinds = [
    'modified', 'added', 'untracked', 'deleted', 'staged', 'conflict', 'submodule', 'branch',
    'detached', 'stash', 'precious', 'unknown',
] %}
{% set riskiest = [
    'conflict', 'operation', 'stash', 'branch', 'detached', 'no_remote', 'staged', 'modified',
    'added', 'untracked', 'deleted', 'submodule', 'precious', 'unknown',
] %}
{% set paths = "kind in ('modified', 'added', 'untracked', 'staged', 'conflict', 'submodule',"
    ~ " 'deleted')" %}
with readings as (
    select * from {{ ref('int_unsaved__readings') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by project_id
            order by list_position({{ riskiest }}, kind), name
        ) as place,
    from {{ ref('int_unsaved__things') }}
),

counted as (
    select
        project_id,
        {% for kind in kinds -%}
        count(*) filter (where kind = '{{ kind }}') as {{ kind }}_count,
        {% endfor -%}
        count(*) filter (where {{ paths }}) as path_count,
        cast(
            least(coalesce(sum(size_bytes) filter (where {{ paths }}), 0), 9e18) as bigint
        ) as path_bytes,
        max(changed_at) filter (where {{ paths }}) as path_changed_at,
        cast(sum(thing_count) filter (where kind in ('branch', 'detached')) as bigint)
            as unpushed_commit_count,
        max(changed_at) filter (where kind in ('branch', 'detached')) as branch_changed_at,
        max(changed_at) filter (where kind = 'stash') as stash_changed_at,
        min(changed_at) filter (where kind = 'stash') as oldest_stash_at,
        max(thing_count) filter (where kind = 'no_remote') as commits_without_remote,
        cast(
            least(coalesce(sum(size_bytes) filter (where kind = 'precious'), 0), 9e18) as bigint
        ) as precious_bytes,
        min(note) filter (where kind = 'unknown') as unknown_reason,
        max(changed_at) filter (where kind <> 'unknown') as newest_change_at,
        {{ as_json_text(
            "list(struct_pack(kind := kind, name := name, count := thing_count,"
            ~ " size_bytes := size_bytes, changed_at := strftime(changed_at, '%Y-%m-%d %H:%M:%S'),"
            ~ " note := note) order by place) filter (where place <= 20)"
        ) }} as things,
    from ranked
    group by project_id
),

-- one row per repository or work tree: what may be only on this disk
final as (
    select
        readings.*,
        {% for kind in kinds -%}
        coalesce(counted.{{ kind }}_count, 0) as {{ kind }}_count,
        {% endfor -%}
        coalesce(counted.path_count, 0) as path_count,
        coalesce(counted.path_bytes, 0) as path_bytes,
        counted.path_changed_at,
        coalesce(counted.unpushed_commit_count, 0) as unpushed_commit_count,
        counted.branch_changed_at,
        counted.stash_changed_at,
        counted.oldest_stash_at,
        coalesce(counted.commits_without_remote, 0) as commits_without_remote,
        coalesce(counted.precious_bytes, 0) as precious_bytes,
        counted.unknown_reason,
        counted.newest_change_at,
        coalesce(counted.things, '[]') as things,
        nullif(concat_ws(
            ', ',
            case when operation is not null then 'a ' || operation || ' that did not end' end,
            case when path_count > 0 then {{ counted('path_count', 'uncommitted file') }} end,
            case when stash_count > 0 then {{ counted('stash_count', 'stash', 'stashes') }} end,
            case
                when precious_count > 0
                    then {{ counted('precious_count', 'ignored file') }} || ' of value'
            end
        ), '') as beside_commits,
        nullif(concat_ws(
            ', ', beside_commits,
            case
                when unpushed_commit_count > 0
                    then {{ counted('unpushed_commit_count', 'commit') }} || ' that no remote has'
            end,
            case
                when commits_without_remote > 0
                    then 'no remote for its ' || {{ counted('commits_without_remote', 'commit') }}
            end
        ), '') as sentence,
    from readings
    left join counted using (project_id)
)

select * from final
