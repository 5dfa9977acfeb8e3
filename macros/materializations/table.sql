{% materialization table, adapter='duckdb' %}
    {{ return(build_in_place('table')) }}
{% endmaterialization %}
