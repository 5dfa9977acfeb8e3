{% macro is_own_work(commits) -%}
    {#
        Whether a commit shows the work of its author. A merge brings the work of others, and at the
        boundary of a shallow clone everything seems to be new.
    #}
    {{ commits }}.is_in_default
    and {{ commits }}.parent_count < 2
    and {{ commits }}.changes_state <> 'boundary'
{%- endmacro %}
