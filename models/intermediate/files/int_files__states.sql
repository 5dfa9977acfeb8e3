with states as (
    select * from {{ ref('stg_crawl__files') }}
),

-- one row per path: its latest landed state, and when it was first seen
final as (
    select
        path,
        directory_path,
        name,
        path_bytes,
        state,
        reason,
        kind,
        size_bytes,
        mtime,
        sha256,
        line_count,
        is_binary,
        tags,
        code_language,
        code_lines,
        code_bytes,
        blob_id,
        text_blob_id,
        run_id,
        min(landed_at) filter (where state in ('present', 'unreadable')) over (partition by path)
            as first_seen,
    from states
    qualify row_number() over (partition by path order by run_seq desc) = 1
)

select * from final
