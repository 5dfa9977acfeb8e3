{{ config(materialized='ephemeral') }}
with scored as (
    select * from {{ ref('int_actions__scored') }}
),

ranked as (
    select
        *,
        row_number() over (order by priority desc, action_id) as rank,
    from scored
),

-- One row per action, with its rank and sentences about its numbers. Each sentence takes its words
-- and its number from one project, or names the project. Dates stay true after the build; ages do
-- not.
final as (
    select
        *,
        case
            when project_count > 1
                then
                    {{ thousands('project_count') }} || ' projects; the most affected is '
                    || coalesce({{ last_part('weightiest.project_path') }}, 'unknown') || ': '
                    || coalesce(weightiest.because || '. ', 'the reason is unknown. ')
            else
                coalesce(
                    upper(left(weightiest.because, 1)) || substr(weightiest.because, 2) || '. ',
                    'The reason is unknown. '
                )
        end as because_in_words,
        case
            when has_no_facts and finding_count > 1 then 'no facts yet of a part'
            when has_no_facts then 'no facts yet'
            when oldest_facts_at is null then 'the age of its facts is unknown'
            else
                case when finding_count > 1 then 'oldest facts of ' else 'facts of ' end
                || cast(oldest_facts_at as date)
        end as age_in_words,
        case when project_count > 1 then {{ last_part('needed_path') }} else 'it' end
            as needed_name,
        case
            when direct_dependants is null then 'not known: neutral'
            when direct_dependants = 0 and project_count > 1 then 'no project here needs them'
            when direct_dependants = 0 then 'no project here needs it'
            when direct_dependants = 1 then '1 project here needs ' || needed_name
            else {{ thousands('direct_dependants') }} || ' projects here need ' || needed_name
        end
        || case
            when further_dependants > 0
                then ', ' || {{ thousands('further_dependants') }} || ' more through others'
            else ''
        end
        || case
            when blocked_verdicts = 1 then '; 1 verdict waits for it'
            when blocked_verdicts > 1
                then '; ' || {{ thousands('blocked_verdicts') }} || ' verdicts wait for it'
            else ''
        end as dependants_in_words,
        case
            when is_of_others
                then
                    'All points are multiplied by ' || {{ weight('others_share') }}
                    || ', since the project is not yours ('
                    || coalesce(weightiest.mine_reason, 'its owner is unknown') || '). '
            else ''
        end as others_in_words,
    from ranked
)

select * from final
