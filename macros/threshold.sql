{% macro threshold(gap_type, name) -%}
    {# One number of one rule, as this build has it. #}
    (
        select thresholds.value
        from {{ ref('int_rules__thresholds') }} as thresholds
        where thresholds.gap_type = '{{ gap_type }}' and thresholds.threshold = '{{ name }}'
    )
{%- endmacro %}
