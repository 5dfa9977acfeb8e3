{{ config(materialized='ephemeral') }}
{% set names = [
    'max_file_lines', 'minutes_per_smell', 'minutes_per_line', 'worst_debt_ratio',
    'quality_maintainability', 'quality_documentation', 'quality_debt',
] %}
with files as (
    select * from {{ ref('int_code__files') }}
    where parse_state in ('tree', 'partial')
),

counts as (
    select * from {{ ref('int_code__symbol_counts') }}
),

settings as (
    {{ code_settings(names) }}
),

measured as (
    select
        files.*,
        counts.* exclude (file_id, smells),
        settings.*,
        files.distinct_operators + files.distinct_operands as halstead_vocabulary,
        files.operators + files.operands as halstead_length,
        case
            when halstead_vocabulary > 0 then halstead_length * log2(halstead_vocabulary)
            when halstead_vocabulary = 0 then 0
        end as halstead_volume,
        case
            when files.distinct_operands > 0
                then files.distinct_operators / 2 * files.operands / files.distinct_operands
            when files.distinct_operands = 0 then 0
        end as halstead_difficulty,
        counts.documented_count / nullif(counts.exported_count, 0) as documentation_coverage,
        cast(
            coalesce(counts.smells, 0)
            + cast(files.code_lines > settings.max_file_lines as integer)
            + coalesce(reported.smells, 0)
            as bigint
        ) as code_smells_count,
        code_smells_count * settings.minutes_per_smell
        / nullif(files.code_lines * settings.minutes_per_line, 0) as technical_debt_ratio,
    from files
    cross join settings
    left join counts using (file_id)
    left join {{ ref('int_reports__file_findings') }} as reported using (file_id)
),

-- what each known term adds to the quality score
terms as (
    select
        *,
        quality_maintainability * maintainability_index / 100 as from_maintainability,
        quality_documentation * documentation_coverage as from_documentation,
        quality_debt * {{ clamp('1 - technical_debt_ratio / worst_debt_ratio') }} as from_debt,
    from measured
),

-- one row per file that was parsed: what follows from its measures and its definitions
final as (
    select
        *,
        halstead_difficulty * halstead_volume as halstead_effort,
        -- a mean over the terms that are known
        100 * list_sum([from_maintainability, from_documentation, from_debt])
        / list_sum([
            case when from_maintainability is not null then quality_maintainability end,
            case when from_documentation is not null then quality_documentation end,
            case when from_debt is not null then quality_debt end
        ]) as quality_score,
    from terms
)

select * from final
