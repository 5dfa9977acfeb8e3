{% macro name_in_import(binding, rest) -%}
    {# The dotted name, in an imported file, of what follows the imported name; '' for none. #}
    case
        when {{ binding }}.skipped is null
            then concat_ws('.', {{ binding }}.prefix, nullif({{ rest }}, ''))
        when starts_with({{ rest }}, {{ binding }}.skipped) and {{ binding }}.prefix is null
            then substr({{ rest }}, length({{ binding }}.skipped) + 1)
        else ''
    end
{%- endmacro %}
