{{ config(materialized='ephemeral') }}
with path_rules as (
    select * from {{ ref('stg_crawl__path_rules') }}
    qualify run_seq = max(run_seq) over (partition by top_path)
),

-- One row per place, folder or file that rules state something about. A path may belong to two
-- places: the roots of two crawls, one inside the other.
final as (
    select
        kind,
        path,
        bool_and(coalesce(state = 'read', false)) as is_read,
        bool_or(is_ignored) as is_ignored,
        bool_or(is_vendored) as is_vendored,
        bool_or(is_generated) as is_generated,
        bool_or(is_documentation) as is_documentation,
        bool_or(is_filtered) as is_filtered,
    from path_rules
    where state is distinct from 'gone'
    group by kind, path
)

select * from final
