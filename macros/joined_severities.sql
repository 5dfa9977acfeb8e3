{% macro joined_severities(tool, format, word) -%}
    {#
        The severities of a word, in lower case, for `coalesce(by_tool.severity, by_format.severity,
        by_word.severity)`: a row of the tool comes before one of its format, and before one of all.
        The query reads the seed as `severities`.
    #}
    left join severities as by_tool
        on by_tool.reported_by = {{ tool }} and by_tool.word = {{ word }}
    left join severities as by_format
        on by_format.reported_by = {{ format }} and by_format.word = {{ word }}
    left join severities as by_word
        on by_word.reported_by = '*' and by_word.word = {{ word }}
{%- endmacro %}
