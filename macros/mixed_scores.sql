{% macro mixed_scores(prediction, parts) -%}
    {#
        The scores of all roles in one prediction, as a list: the bias of the prediction, and the
        scores of its parts (`content`, `path`), each times its setting. Reads `biases` and
        `scored`.
    #}
    [
        {%- for role in roles() %}
        {%- set place = loop.index %}
        (select biases.{{ role }} from biases where biases.signal = '{{ prediction }}')
        {%- for part in parts %}
        + {{ role_setting(prediction ~ '_' ~ part) }} * scored.{{ part }}_scores[{{ place }}]
        {%- endfor %}{{ ',' if not loop.last }}
        {%- endfor %}
    ]
{%- endmacro %}
