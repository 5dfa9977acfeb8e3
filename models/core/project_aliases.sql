with moves as (
    select * from {{ ref('int_structure__moves') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

final as (
    select
        {{ hash_id(['projects.project_id', 'moves.from_path', 'cast(count(*) over (
            partition by projects.project_id, moves.from_path order by moves.run_seq
        ) as varchar)']) }} as alias_id,
        projects.project_id,
        projects.project_path,
        moves.from_path as alias_path,
        moves.to_path as moved_to_path,
        moves.used_from,
        moves.moved_at,
        moves.evidence,
        moves.run_id as source_run_id,
    from moves
    inner join projects using (first_path, native_number)
)

select * from final
