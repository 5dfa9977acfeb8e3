with signals as (
    select * from {{ ref('int_roles__path_signals') }}
),

weights as (
    {{ role_weights('path') | indent(4) }}
),

-- one row per name, folder or kind of file with signals: the points that they add to each role, in
-- billionths
final as (
    select
        signals.place,
        signals.text,
        {{ role_points('1') }}
    from signals
    inner join weights using (signal)
    group by signals.place, signals.text
)

select * from final
