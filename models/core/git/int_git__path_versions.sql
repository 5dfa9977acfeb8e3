with chain as (
    select * from {{ ref('commits') }}
    where chain_place is not null
),

events as (
    select * from {{ ref('int_git__file_events') }}
),

-- one row per path and commit of the default branch that wrote or ended it
final as (
    select
        chain.project_id,
        chain.project_path,
        events.file_path,
        chain.chain_place,
        events.change_type,
        events.old_path,
        events.blob_id,
        events.mode,
        chain.commit_sha,
        chain.valid_from,
        lead(chain.valid_from) over following as valid_to,
        lead(chain.chain_place) over following as next_place,
        -- the beginning of this life of the path
        max(case when events.change_type in ('A', 'R') then chain.chain_place end) over following
            as born_at_place,
        chain.source_run_id,
    from events
    inner join chain on chain.commit_sha = events.commit_sha
    window following as (
        partition by chain.project_id, events.file_path
        order by chain.chain_place
    )
)

select * from final
