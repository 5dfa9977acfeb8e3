{% set most_bases = 16 %}
with files as (
    select * from {{ ref('int_code__files') }}
),

bases as (
    select
        files.file_id,
        files.language,
        bases.*,
    from files
    inner join {{ ref('stg_code__content_bases') }} as bases using (sha256, run_seq)
    qualify row_number() over (
        partition by files.file_id, bases.symbol order by bases.base_index
    ) <= {{ most_bases }}
),

-- one row per base type, and place where it may be: `base_name` in the file `to_file_id`
final as (
    select
        bases.file_id,
        bases.symbol,
        coalesce(imports.to_file_id, bases.file_id) as to_file_id,
        case
            when bases.import_index is null then coalesce(bases.target, bases.base)
            else concat_ws('.', imports.prefix, bases.target)
        end as base_name,
        [bases.base_index, coalesce(imports.place, 0)] as turn,
        bases.language = 'Python' as is_linear,
    from bases
    left join {{ ref('int_code__bindings') }} as imports using (file_id, import_index)
    where bases.import_index is null or imports.to_file_id is not null
)

select * from final
