with files as (
    select * from {{ ref('int_code__files') }}
),

-- The file itself has what its other calls name.
calls as (
    select * from {{ ref('stg_code__content_calls') }}
    where via <> 'local'
),

bases as (
    select *, base as callee
    from {{ ref('stg_code__content_bases') }}
),

-- One row per name that the calls and the types of a file want, and import that it goes through. A
-- name that the file itself does not bind can only come from elsewhere.
final as (
    {% for used in ('calls', 'bases') -%}
    select
        {{ wanted_id('files', used) }} as wanted_id,
        files.file_id,
        {{ used }}.import_index,
        {{ wanted_name(used) }} as wanted,
        {{ used }}.via = 'name' as is_unbound,
    from files
    inner join {{ used }} using (sha256, run_seq)
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select * from final
