select
    {% if var('as_of') -%}
    cast('{{ var("as_of") }}' as timestamp) as as_of,
    true as is_explicit,
    {%- else -%}
    cast(getvariable('build_started_at') as timestamp) as as_of,
    false as is_explicit,
    {%- endif %}
