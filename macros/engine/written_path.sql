{% macro written_path(folder, text) -%}
    {#
        Where a path leads from an absolute folder, as people write it: `./a//b/../c` is `a/c`.
    #}
    list_reduce(
        list_prepend(
            case when starts_with({{ text }}, '/') then '' else {{ folder }} end,
            string_split({{ text }}, '/')
        ),
        lambda path, part: case
            when part in ('', '.') then path
            when part = '..' then regexp_replace(path, '/?[^/]*$', '')
            else path || '/' || part
        end
    )
{%- endmacro %}
