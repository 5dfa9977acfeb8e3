with runs as (
    select * from {{ ref('stg_landing__runs') }}
),

newest as (
    select max_by(tools, run_seq) as tools
    from runs
    where len(tools) > 0
),

named as (
    select unnest(tools) as tool
    from newest
),

-- one row per tool that was installed when facts were last landed
final as (
    select
        tool.name as name,
        tool.path as path,
        tool.version as version,
    from named
)

select * from final
