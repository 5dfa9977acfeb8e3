-- one row per scan source that every project must have
with final as (
    {% if var('required_scan_sources') -%}
    select unnest({{ var('required_scan_sources') }}) as scan_source
    {%- else -%}
    select distinct 'crawl' as scan_source
    from {{ ref('stg_crawl__roots') }}

    union all

    select distinct 'codegraphx' as scan_source
    from {{ ref('stg_codegraphx__current_artifacts') }}
    where run_id is not null and kind in ('scan', 'catalog')
    {%- endif %}
)

select * from final
