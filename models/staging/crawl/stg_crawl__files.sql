with landed as (
    {{ landed('crawl_files') | indent(4) }}
),

final as (
    select
        * exclude (mtime_ns, ctime_ns, inode, device, is_settled),
        rtrim(directory_path, '/') || '/' || name as path,
        -- Times outside of what a timestamp can hold are unknown, not an error of the whole view.
        try(make_timestamp_ns(mtime_ns)::timestamp) as mtime,
    from landed
)

select * from final
