{% set kept = [
    'tenant_id', 'stage', 'error', 'parent_run_id', 'code_ref', 'config_hash', 'rows_in',
    'rows_out', 'llm_calls', 'tokens', 'attrs', 'trace_id', 'span_id', 'parent_span_id', 'argv',
    'working_directory', 'host', 'exit_code', 'duration_seconds', 'cpu_seconds', 'max_rss_bytes',
    'output_sha256', 'output_bytes', 'inputs', 'outputs',
] %}
with events as (
    select * from {{ ref('stg_script_runs__events') }}
),

-- An event lands twice if a refresh was killed after it had landed.
distinct_events as (
    select * from events
    qualify row_number() over (partition by event_id order by run_seq) = 1
),

-- A start comes before an end of the same moment. An end that lands after the death of its
-- process counts.
numbered as (
    select
        *,
        row_number() over (
            partition by script_run_id
            order by
                event = 'ended',
                event = 'abandoned',
                happened_at,
                event = 'updated',
                event_id
        ) as step,
    from distinct_events
),

final as (
    select
        script_run_id as run_id,
        max_by(status, step) filter (where status is not null) as status,
        min(happened_at) filter (where event = 'started') as started_at,
        max(happened_at) filter (where event = 'ended') as ended_at,
        {% for column in kept -%}
        max_by({{ column }}, step) filter (where {{ column }} is not null) as {{ column }},
        {% endfor -%}
    from numbered
    group by script_run_id
)

select * from final
