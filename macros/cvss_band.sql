{% macro cvss_band(score) -%}
    {# The severity of a CVSS base score, by the bands of CVSS 3, which GitHub shares; else NULL. #}
    case
        when {{ score }} >= 9 then 'critical'
        when {{ score }} >= 7 then 'high'
        when {{ score }} >= 4 then 'medium'
        when {{ score }} > 0 then 'low'
    end
{%- endmacro %}
