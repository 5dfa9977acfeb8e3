{% macro nearest_places(around) %}
    {# The nearest crawled place around a path says whether a crawl would have seen the path. #}
    select
        around.path,
        max_by(places.is_listed, length(around.above_path)) as is_listed,
    from {{ around }} as around
    inner join {{ ref('int_structure__places') }} as places on places.path = around.above_path
    group by around.path
{%- endmacro %}
