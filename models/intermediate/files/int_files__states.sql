with states as (
    select * from {{ ref('stg_crawl__files') }}
),

-- one row per path: its latest landed state, with all that landed in it, and when it was first seen
final as (
    select
        * exclude (root_path, reader_version, landed_at),
        min(landed_at) filter (where state in ('present', 'unreadable')) over (partition by path)
            as first_seen,
    from states
    qualify row_number() over (partition by path order by run_seq desc) = 1
)

select * from final
