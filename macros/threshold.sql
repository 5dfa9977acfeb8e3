{% macro threshold(gap_type, name) -%}
    {# One number of one rule, as this build has it. #}
    (
        select rule_thresholds.value
        from {{ ref('int_rules__thresholds') }} as rule_thresholds
        where rule_thresholds.gap_type = '{{ gap_type }}' and rule_thresholds.threshold = '{{ name }}'
    )
{%- endmacro %}
