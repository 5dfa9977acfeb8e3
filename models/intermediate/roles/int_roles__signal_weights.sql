{{ config(materialized='ephemeral') }}
with weights as (
    select * from {{ ref('role_signal_weights') }}
),

shares as (
    select 'content' as part, {{ role_setting('both_content') }} as share

    union all

    select 'path' as part, {{ role_setting('both_path') }} as share
),

-- one row per signal and role: the weight of the signal, and the share of its part
final as (
    select
        weights.part,
        weights.signal,
        weights.role,
        weights.weight,
        shares.share,
    from weights
    inner join shares using (part)
)

select * from final
