{% macro path_keys() -%}
    {# The key of each path that an artifact points at, by artifact and path as written in it. #}
    select artifact_path, path, min(path_key) as path_key
    from {{ ref('stg_codegraphx__pointers') }}
    group by artifact_path, path
{%- endmacro %}
