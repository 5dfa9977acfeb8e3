with weights as (
    select * from {{ ref('int_roles__signal_weights') }}
),

final as (
    select
        part,
        signal,
        role,
        weight,
        share,
    from weights
)

select * from final
