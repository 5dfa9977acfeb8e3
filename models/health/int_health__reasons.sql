{{ config(materialized='ephemeral') }}
with facts as (
    select
        *,
        case
            when kind = 'loose_files' then 'loose files are not judged'
            when is_left_out then 'a sparse checkout leaves files out'
            when not coalesce(is_judged, false) then 'no file is known'
        end as not_judged,
    from {{ ref('int_health__facts') }}
    where not is_gone
),

sources as (
    select name, label from {{ ref('scan_sources') }}
),

-- one row per project: for each term of its health, why it earns what it earns
final as (
    select
        facts.project_id,
        facts.run_id,
        coalesce(
            facts.not_judged,
            case
                when facts.code_lines = 0 and facts.test_lines = 0 and facts.has_documents
                    then 'it has no source code that tests cover'
                else
                    {{ counted('facts.test_lines', 'test line') }} || ' against '
                    || {{ counted('facts.code_lines', 'source line') }}
                    || case
                        when facts.inline_test_lines > 0
                            then
                                ' (' || {{ thousands('facts.inline_test_lines') }}
                                || ' inside source files)'
                        else ''
                    end
                    || case when facts.has_ci then '; CI' else '; no CI' end
            end
        ) as health_tests,
        coalesce(
            facts.not_judged,
            concat_ws(
                '; ',
                nullif(concat_ws(
                    ', ',
                    case when facts.has_readme then 'readme' end,
                    case when facts.has_docs then 'further documentation' end,
                    case when facts.has_license then 'licence' end
                ), ''),
                'no ' || nullif(concat_ws(
                    ', no ',
                    case when not facts.has_readme then 'readme' end,
                    case when not facts.has_docs then 'further documentation' end,
                    case when not facts.has_license then 'licence' end
                ), '')
            )
        ) as health_docs,
        case
            when facts.known_share is null then 'no source of scans reads its files'
            when facts.scanned_at is null
                then coalesce(sources.label, facts.least_source) || ' has never scanned it'
            else
                coalesce(
                    {{ thousands('facts.files_scanned') }}
                    || ' of ' || {{ counted('facts.files_eligible', 'file') }},
                    'an unknown number of files'
                ) || ' scanned by ' || coalesce(sources.label, facts.least_source) || ' on '
                || cast(facts.scanned_at as date)
        end as health_freshness,
        case when facts.is_left_out then facts.not_judged || '; ' else '' end
        || coalesce(facts.open_in_words, 'no open finding') as health_gaps,
        case
            when facts.lifecycle <> 'unstated' then 'its readme says that it is ' || facts.lifecycle
            when facts.last_active_at is null then 'no commit is known'
            else
                'last commit on ' || cast(facts.last_active_at as date)
        end as health_activity,
    from facts
    left join sources on sources.name = facts.least_source
)

select * from final
