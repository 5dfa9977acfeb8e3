with landed as (
    {{ landed('crawl_files') | indent(4) }}
),

final as (
    select
        * exclude (mtime_ns, ctime_ns, inode, device, is_settled),
        rtrim(directory_path, '/') || '/' || name as path,
        -- Times outside the range of a timestamp are unknown, and not an error of the whole view.
        try(cast(make_timestamp_ns(mtime_ns) as timestamp)) as mtime,
    from landed
)

select * from final
