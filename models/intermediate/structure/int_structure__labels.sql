{{ config(materialized='ephemeral') }}
with projects as (
    select * from {{ ref('int_structure__projects') }}
),

labels as (
    select * from {{ ref('project_labels') }}
),

-- a pattern with a slash is one for the path, any other is one for the name
labelled as (
    select
        projects.project_id,
        labels.*,
    from projects
    inner join labels
        on {{ matches_glob(
            "case when contains(labels.pattern, '/') then projects.project_path
            else projects.project_name end",
            'labels.pattern'
        ) }}
),

-- one row per project with a label; of several values for its lifecycle, the longest pattern wins
final as (
    select
        project_id,
        {% for kind in ['group', 'tag'] -%}
        {{ as_json_text(
            "list_sort(list(distinct value) filter (where kind = '" ~ kind ~ "'))"
        ) }} as project_{{ kind }}s,
        {% endfor -%}
        max_by(value, (length(pattern), pattern)) filter (where kind = 'lifecycle') as lifecycle,
    from labelled
    group by project_id
)

select * from final
