{% macro numbered_ranks(sources, targets, weights, nodes) -%}
    {#
        Two columns of an aggregation over the edges of a graph, whose nodes have the numbers from 0
        to *nodes* - 1: `rank`, the PageRank of a node, and `number`, its number. One row per node.
    #}
    unnest(page_ranks(
        list({{ sources }}), list({{ targets }}), list({{ weights }}), {{ nodes }}
    )) as rank,
    unnest(range({{ nodes }})) as number,
{%- endmacro %}
