with file_signals as (
    select * from {{ ref('stg_signals__file_signals') }}
),

-- A window would copy the lists of signals; a run lands each content once.
newest as (
    select
        sha256,
        max(run_seq) as run_seq,
    from file_signals
    where sha256 in (select sha256 from {{ ref('int_files__current') }} where is_own)
    group by sha256
),

landed as (
    select file_signals.*
    from file_signals
    inner join newest using (sha256, run_seq)
),

weights as (
    {{ role_weights('content') | indent(4) }}
),

signals as (
    select
        sha256,
        unnest(signals) as met,
    from landed
),

-- one row per content: the points that its signals add to each role, in billionths
points as (
    select
        signals.sha256,
        {{ role_points('ln(1 + signals.met.count)') }}
    from signals
    inner join weights on weights.signal = signals.met.signal
    group by signals.sha256
),

-- one row per content of a source file or readme that is on disk
final as (
    select
        landed.sha256,
        landed.parse_state,
        landed.signals,
        landed.inline_test_lines,
        landed.lifecycle,
        landed.run_id,
        landed.run_seq,
        case
            when landed.parse_state in ('tree', 'words')
                then [
                    {%- for role in roles() %}
                    coalesce(points.{{ role }}, 0) / 1e9{{ ',' if not loop.last }}
                    {%- endfor %}
                ]
        end as scores,
    from landed
    left join points using (sha256)
)

select * from final
