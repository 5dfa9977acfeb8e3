{% macro accepts_version(accepted_versions, version_key) -%}
    {#
        Whether intervals of version keys contain a key. NULL if one of them is unknown.
        loaders/sources/manifests/version_ranges.py describes them.
    #}
    case
        when {{ accepted_versions }} = '*' then true
        when {{ version_key }} is not null then len(list_filter(
            string_split({{ accepted_versions }}, '|'),
            lambda part:
                {{ version_key }} >= split_part(part, ' ', 1)
                and {{ version_key }} < split_part(part, ' ', 2)
                and (split_part(part, ' ', 3) = '' or ends_with({{ version_key }}, '~'))
        )) > 0
    end
{%- endmacro %}
