with couplings as (
    select * from {{ ref('int_git__couplings') }}
),

final as (
    select
        project_id,
        project_path,
        file_path_a,
        file_path_b,
        shared_revisions,
        revisions_a,
        revisions_b,
        coupling_ratio,
        source_run_id,
        is_repeat,
    from couplings
)

select * from final
