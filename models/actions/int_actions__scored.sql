with candidates as (
    select
        *,
        -- Work on the repositories of others ranks below the user's own.
        case when is_of_others then {{ weight('others_share') }} else 1.0 end as share_here,
    from {{ ref('int_actions__candidates') }}
),

as_of_day as (
    select * from {{ ref('as_of_day') }}
),

-- the four bounded terms; decimals, so that the order of addition cannot matter
terms as (
    select
        candidates.*,
        {{ age_days('candidates.oldest_facts_at') }} as facts_age_days,
        cast(
            candidates.share_here * {{ weight('impact_max') }} / 100.0 * least(
                100.0,
                candidates.highest_impact
                + {{ weight('impact_per_further_finding') }} * (candidates.finding_count - 1)
            ) as decimal(7, 3)
        ) as impact,
        cast(
            candidates.share_here * {{ weight('freshness_max') }} * case
                when candidates.has_no_facts then 1.0
                else greatest(0.0, least(1.0, facts_age_days / {{ weight('freshness_full_days') }}))
            end as decimal(7, 3)
        ) as freshness_penalty,
        cast(
            candidates.share_here * least(
                {{ weight('dependency_max') }},
                coalesce(
                    {{ weight('dependency_per_dependant') }} * candidates.direct_dependants
                    + {{ weight('dependency_per_further_dependant') }}
                    * candidates.further_dependants,
                    {{ weight('dependency_neutral') }}
                )
                + {{ weight('dependency_per_blocked') }} * candidates.blocked_verdicts
            ) as decimal(7, 3)
        ) as dependency_weight,
        cast(
            candidates.share_here * {{ weight('confidence_max') }} * candidates.confidence_ratio
            as decimal(7, 3)
        ) as confidence,
    from candidates
    cross join as_of_day
),

final as (
    select
        *,
        cast(impact + freshness_penalty + dependency_weight + confidence as decimal(7, 3))
            as priority,
    from terms
)

select * from final
