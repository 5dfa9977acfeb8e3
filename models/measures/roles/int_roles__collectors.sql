with projects as (
    select * from {{ ref('int_structure__projects') }}
),

by_role as (
    select * from {{ ref('int_roles__project_counts') }}
),

by_codegraphx as (
    select * from {{ ref('int_codegraphx__collectors') }}
),

counts as (
    select * from {{ ref('int_files__project_counts') }}
),

-- One row per project with classified files: by their roles, or by the signals of CodeGraphX if no
-- file has a role.
final as (
    select
        projects.project_id,
        projects.project_path,
        projects.project_name,
        by_role.classified_files is not null as is_by_role,
        coalesce(by_role.classified_files, by_codegraphx.files_analyzed) as classified_files,
        case when is_by_role then by_role.collector_files else by_codegraphx.collector_files end
            as collector_files,
        {% for role in roles() if role not in ('none', 'collector') -%}
        by_role.{{ role }}_files,
        {% endfor -%}
        by_role.low_confidence_files,
        by_role.mean_confidence,
        -- CodeGraphX gives no confidence for a file, so all of its collectors count.
        case
            when is_by_role then by_role.sure_collector_files else by_codegraphx.collector_files
        end as sure_collector_files,
        by_role.collector_confidence,
        case
            when is_by_role then coalesce(by_role.top_collectors, '[]')
            else by_codegraphx.top_collectors
        end as top_collectors,
        coalesce(counts.further_doc_files > 0, by_codegraphx.has_docs) as has_docs,
        -- A role is as new as the crawl.
        case when not is_by_role then by_codegraphx.judged_at end as judged_at,
        case when is_by_role then by_role.run_id else by_codegraphx.run_id end as run_id,
    from projects
    left join by_role using (project_id)
    left join by_codegraphx using (project_id)
    left join counts using (project_id)
    where by_role.project_id is not null or by_codegraphx.project_id is not null
)

select * from final
