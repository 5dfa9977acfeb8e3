{% macro has_remark(word) -%}
    {#
        Whether the reason of a repository, words joined by `; `, has one of them; NULL if the
        repository could not be described.
    #}
    case
        when repositories.state in ('read', 'empty', 'truncated')
            then '; ' || coalesce(repositories.reason, '') || ';' like '%; {{ word }};%'
    end
{%- endmacro %}
