{% macro is_own_work(commits) -%}
    {# A merge brings what others wrote; where a shallow clone ends, everything seems to be new. #}
    {{ commits }}.is_in_default and {{ commits }}.parent_count < 2 and {{ commits }}.changes_state <> 'boundary'
{%- endmacro %}
