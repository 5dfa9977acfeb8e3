"""`enrich export-graph`: the graph of a project's code as a file."""

from __future__ import annotations

import sys
from typing import Any

import click

from enrich import options
from enrich.answers.graph_files import WRITERS, Graph
from enrich.db import Published
from enrich.file_output import put, target
from enrich.lookup import find_project
from loaders.base.figures import counted
from loaders.base.paths import clean_text

# The nodes of a project, and those of other projects at the ends of its edges.
_NODES = """
    select
        node_id as id, name, node_type, file_path, line_number, graph_type,
        pagerank_score, centrality_score, codebase_id as project_id,
    from graph_nodes
    where codebase_id = $1 or node_id in (
        select unnest([from_node_id, to_node_id]) from graph_edges where codebase_id = $1
    )
    order by codebase_id <> $1, file_path, line_number nulls first, name, node_id
"""
_EDGES = """
    select
        edge_id as id, from_node_id as source, to_node_id as target, edge_type, graph_type, weight,
    from graph_edges
    where codebase_id = $1 and ($2 is null or graph_type = $2)
    order by graph_type, source, target, edge_type, id
"""
# The newest run of its facts; that of the project itself, if no code was read.
_NEWEST_RUN = """
    select max_by(run_id, run_seq) from ingest_runs
    where run_id in (
        select source_run_id from graph_nodes where codebase_id = $1
        union select source_run_id from graph_edges where codebase_id = $1
        union select source_run_id from projects where project_id = $1
    )
"""


@click.command("export-graph")
@click.argument("project")
@click.option(
    "--format",
    "form",
    type=click.Choice([*WRITERS]),
    default="json",
    show_default=True,
    help="json is the node-link form of networkx; html is a page for a browser.",
)
@click.option("--output", type=click.Path(), metavar="FILE", help="Default: standard output.")
@click.option("--force", is_flag=True, help="Replace an existing FILE.")
@click.option("--type", "graph_type", metavar="T", help="Only edges of this graph type.")
@options.db_option
def export_graph(
    project: str, form: str, output: str | None, force: bool, graph_type: str | None, db: str | None
) -> None:
    """Write the graph of the code of a project.

    PROJECT is its name, a path in it, or the start of its id. Nodes are files and symbols; edges
    are imports, calls and inheritance. The file names the run that the newest fact in it comes
    from, and the project. The table `graph_types` lists the graph types. A page of format html
    opens without a network.
    """
    path = None if output is None else target(output, force)
    with Published(db) as published:
        graph = read_graph(published, find_project(published, project), graph_type)
    if path is None:
        for part in WRITERS[form](graph):
            sys.stdout.write(part)
        return
    put(WRITERS[form](graph), path, force)
    sizes = f"{counted(len(graph.nodes), 'node')}, {counted(len(graph.edges), 'edge')}"
    click.echo(clean_text(f"exported: {sizes}: {path}"))


def read_graph(
    published: Published, project: dict[str, Any], graph_type: str | None = None
) -> Graph:
    """Return the graph of *project*, a row of `find_project`. Raises Refusal for a wrong type."""
    key = project["project_id"]
    known = [name for (name,) in published.query("select graph_type from graph_types").rows]
    if graph_type is not None:
        meant = [name for name in known if name.lower() == graph_type.lower()]
        if not meant:
            raise options.Refusal(
                f"no graph type is called {graph_type}; there are {', '.join(sorted(known))}"
            )
        graph_type = meant[0]
    edges = published.query(_EDGES, [key, graph_type]).dicts()
    nodes = published.query(_NODES, [key]).dicts()
    ends = {edge[end] for edge in edges for end in ("source", "target")}
    if graph_type is not None:
        nodes = [node for node in nodes if node["id"] in ends]
    there = {node["id"] for node in nodes}
    facts = {
        "run_id": published.query(_NEWEST_RUN, [key]).rows[0][0],
        "project_id": key,
        "project_name": project["project_name"],
        "project_path": project["project_path"],
        "graph_type": graph_type,
    }
    # An end without a node stays visible.
    nodes += [{"id": end, "name": end, "node_type": "unknown"} for end in sorted(ends - there)]
    return Graph(facts, nodes, edges)
