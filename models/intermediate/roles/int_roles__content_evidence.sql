{{ config(materialized='ephemeral') }}
with decisions as (
    select distinct sha256, primary_role from {{ ref('int_roles__decisions') }}
    where primary_role is not null
),

contents as (
    select * from {{ ref('int_roles__contents') }}
),

weights as (
    select signal, role, weight from {{ ref('role_signal_weights') }}
    where part = 'content' and weight > 0
),

signals as (
    select
        contents.sha256,
        decisions.primary_role,
        unnest(contents.signals) as met,
    from decisions
    inner join contents using (sha256)
),

weighed as (
    select
        signals.*,
        weights.weight * ln(1 + signals.met.count) as strength,
    from signals
    inner join weights
        on weights.signal = signals.met.signal and weights.role = signals.primary_role
),

-- one row per content and role: the three strongest signals of the content for the role
final as (
    select
        sha256,
        primary_role,
        max_by(
            struct_pack(
                points := round({{ role_setting('both_content') }} * strength, 3),
                part := 'content',
                signal := met.signal,
                count := met.count,
                line := met.line
            ),
            (strength, met.signal),
            3
        ) as strongest,
    from weighed
    group by sha256, primary_role
)

select * from final
