{{ config(materialized='ephemeral') }}
with file_authors as (
    select * from {{ ref('int_git__file_authors') }}
),

files as (
    select project_id, file_path, file_kind from {{ ref('int_files__current') }}
),

-- Lines decide if all of a file were counted and some are left, else commits that are not sweeps.
weighed as (
    select
        *,
        case
            when
                bool_and(surviving_lines is not null) over of_file
                and sum(surviving_lines) over of_file >= 1
                then 'lines'
            else 'revisions'
        end as basis,
    from file_authors
    window of_file as (partition by project_id, file_path)
),

-- one row per subject (a file, or the whole project) and author
shares as (
    select
        'file' as scope,
        project_id,
        file_path as subject,
        basis,
        author_email,
        author_name,
        is_bot,
        revisions,
        case basis when 'lines' then surviving_lines else own_revisions end as weight,
        last_changed_at,
    from weighed

    union all

    select
        'project' as scope,
        project_id,
        '' as subject,
        min(min(basis)) over (partition by project_id) as basis,
        author_email,
        max_by(author_name, (last_changed_at, author_name)) as author_name,
        bool_and(is_bot) as is_bot,
        sum(revisions) as revisions,
        case
            when min(min(basis)) over (partition by project_id) = 'lines'
                then coalesce(sum(surviving_lines) filter (where basis = 'lines'), 0)
            else sum(own_revisions)
        end as weight,
        max(last_changed_at) as last_changed_at,
    from weighed
    left join files using (project_id, file_path)
    where coalesce(files.file_kind, 'source') not in ('vendored', 'generated')
    group by project_id, author_email
),

ranked as (
    select
        *,
        sum(weight) filter (where not is_bot) over of_subject as all_weight,
        row_number() over best_first as place,
        sum(weight) over best_first - weight as weight_before,
    from shares
    window
        of_subject as (partition by scope, project_id, subject),
        best_first as (
            partition by scope, project_id, subject
            order by is_bot, weight desc, author_email
            rows between unbounded preceding and current row
        )
),

final as (
    select
        scope,
        project_id,
        subject,
        max(author_email) filter (where place = 1 and not is_bot and weight > 0)
            as main_author_email,
        max(author_name) filter (where place = 1 and not is_bot and weight > 0)
            as main_author_name,
        max(weight) filter (where not is_bot) / nullif(max(all_weight), 0) as main_author_share,
        -- the fewest authors with more than half of the weight
        count(*) filter (where not is_bot and weight > 0 and weight_before * 2 <= all_weight)
            as bus_factor,
        count(*) filter (where not is_bot) as author_count,
        sum(revisions) as revisions,
        max(last_changed_at) as last_changed_at,
        any_value(basis) as basis,
    from ranked
    group by scope, project_id, subject
)

select * from final
