{{ config(materialized='ephemeral') }}
with copies as (
    select
        copies.*,
        work.beside_commits as unsaved,
        'nothing in it is yours'
        || case when mine.is_mine then ' that is not in the original' else '' end as nothing_own,
    from {{ ref('int_copies__copies') }} as copies
    left join {{ ref('int_structure__projects') }} as originals
        on originals.project_path = copies.original_project_path
    left join {{ ref('int_git__mine') }} as mine on mine.project_id = originals.project_id
    left join {{ ref('int_unsaved__work') }} as work on work.project_path = copies.mirror_path
),

-- one row per copy: the ends of its sentences, empty if the state of the original is not known
final as (
    select
        * exclude (unsaved, nothing_own),
        identical_files is null as is_old_state,
        coalesce(
            case
                when is_whole_state and own_files > 0 then '; most of it is '
                when is_whole_state then '; it is '
                else '; its newest content is that of '
            end
            || origin_name || ' at ' || strftime(state_at, '%Y-%m-%d')
            || coalesce(' (' || state_tag || ')', ''),
            ''
        )
        || case
            when own_files + coalesce(own_commits, 0) = 0
                then coalesce(', but it has ' || unsaved, ', and ' || nothing_own)
            when own_files is not null
                then
                    ', and ' || concat_ws(
                        ' and ',
                        case
                            when own_files > 0
                                then
                                    {{ thousands('own_files') }} || ' of its files '
                                    || case when own_files = 1 then 'is' else 'are' end
                                    || ' in no version of ' || origin_name
                                    || case when is_whole_history then '' else ' that is here' end
                        end,
                        case
                            when own_commits > 0
                                then
                                    {{ thousands('own_commits') }} || ' of its commits '
                                    || case when own_commits = 1 then 'is' else 'are' end
                                    || ' not in ' || origin_name
                        end
                    )
            else ''
        end as state_text,
        case
            when unsaved is not null then ' First save what only this one has: ' || unsaved || '.'
            when own_files + coalesce(own_commits, 0) = 0
                then ' Nothing of yours would be lost with this one.'
            when own_files > 0
                then
                    ' First look at ' || array_to_string(own_places[1:3], ', ')
                    || case
                        when own_files > 3
                            then ' and ' || {{ thousands('own_files - 3') }} || ' more'
                        else ''
                    end
                    || ' in it.'
            when own_commits > 0 then ' First push or merge its commits.'
            else ''
        end as state_advice,
    from copies
)

select * from final
