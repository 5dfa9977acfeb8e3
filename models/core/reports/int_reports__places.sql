{{ config(materialized='table', schema='internal') }}
with paths as (
    select * from {{ ref('int_reports__paths') }}
),

splits as (
    select * from {{ ref('int_reports__splits') }}
),

hits as (
    select * from {{ ref('int_reports__hits') }}
),

strengths as (
    select * from {{ ref('int_reports__strengths') }}
),

ways as (
    select * from {{ ref('report_path_ways') }}
),

best as (
    select run_no, outer_path, max(strength) as strength from strengths
    group by run_no, outer_path
),

likeliest as (
    select splits.path_no, max(best.strength) as strength from splits
    inner join best using (run_no, outer_path)
    group by splits.path_no
),

found as (
    select
        hits.path_no,
        hits.path,
        any_value(hits.file_id) as file_id,
        any_value(hits.project_id) as project_id,
        any_value(hits.file_path) as file_path,
        min(hits.variant_rank) as variant_rank,
        bool_and(strengths.is_certain) as is_certain,
        max_by(ways, ways.confidence) as way,
    from hits
    inner join likeliest using (path_no)
    inner join strengths
        on strengths.run_no = hits.run_no
        and strengths.outer_path = hits.outer_path
        and strengths.inner_path = hits.inner_path
        and strengths.way = hits.way
        and strengths.strength = likeliest.strength
    inner join ways
        on ways.way = case
            when hits.is_former then 'former name'
            when strengths.tier = 1 then 'only project'
            else strengths.way
        end
    group by hits.path_no, hits.path
),

-- The file that a path means: of those that are equally likely, none.
meant as (
    select
        path_no,
        count(*) = 1 and bool_and(is_certain) as is_certain,
        any_value(found) as file,
    from (select * from found qualify variant_rank = min(variant_rank) over (partition by path_no))
        as found
    group by path_no
),

final as (
    select
        paths.report_path,
        paths.sha256,
        paths.run_index,
        paths.path_index,
        case when meant.is_certain then meant.file.file_id end as file_id,
        case when meant.is_certain then meant.file.project_id end as project_id,
        case when meant.is_certain then meant.file.file_path end as file_path,
        case
            when paths.place_kind = 'none' then 'no_file'
            when meant.is_certain then 'matched'
            when meant.path_no is not null then 'ambiguous'
            else 'unmatched'
        end as match_state,
        case when meant.is_certain then meant.file.way.way end as matched_by,
        case when meant.is_certain then meant.file.way.confidence end as confidence,
    from paths
    left join meant using (path_no)
)

select * from final
