{{ config(materialized='ephemeral') }}
with nodes as (
    select * from {{ ref('stg_codegraphx__catalog_complexity_nodes') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

-- one row per source path and function
final as (
    select
        nodes.*,
        places.project_id,
        {{ is_innermost('nodes', 'nodes.file_path_key') }} as is_innermost,
    from nodes
    left join places on places.path = {{ parent_path('nodes.file_path_key') }}
)

select * from final
