-- One row per node, with its number in the graph of the workspace. The nodes of a project have
-- numbers that follow each other.
select
    graph_type,
    project_id,
    node_id,
    row_number() over (partition by graph_type order by project_id, node_id) - 1 as number,
from {{ ref('int_graphs__nodes') }}
