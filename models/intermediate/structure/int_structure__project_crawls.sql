with projects as (
    select * from {{ ref('int_structure__projects') }}
),

crawls as (
    select * from {{ ref('stg_crawl__roots') }}
    where state = 'complete'
),

roots as (
    select * from {{ ref('int_structure__roots') }}
),

-- the newest complete crawl that could enter the project, from any root around it
final as (
    select
        projects.project_id,
        max(crawls.landed_at) as last_crawled_at,
        max_by(crawls.run_id, crawls.run_seq) as run_id,
    from projects
    inner join roots on {{ is_beneath('projects.project_path', 'roots.root_path') }}
    inner join crawls
        on crawls.root_path = roots.root_path
        and (
            projects.unreadable_since_seq is null
            or crawls.run_seq < projects.unreadable_since_seq
        )
    where not projects.is_pointer
    group by projects.project_id
)

select * from final
