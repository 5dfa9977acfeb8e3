{% macro newest_in_catalogs(table, key) -%}
    {# One row per key (column names) of a table of the landed catalogues: the row updated last. #}
    select
        * replace (
            {{ utc_time('created_at') }} as created_at,
            {{ utc_time('updated_at') }} as updated_at
        ),
    from ({{ current_rows(table) }})
    qualify row_number() over (
        partition by {{ key | join(', ') }}
        order by
            {{ utc_time('updated_at') }} desc nulls last,
            run_seq desc,
            artifact_path desc,
            position desc
    ) = 1
{%- endmacro %}
