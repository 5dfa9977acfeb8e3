"""Cycles of graphs, which SQL would find only by walking every path: a function of the engine of a
build.

Strongly connected components by Tarjan 1972, without recursion.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb.func import PythonUDFType

from loaders.base.digests import digest_of

# Rounds that take nodes without a way in or out away, before the graph is walked edge by edge.
_MOST_ROUNDS = 50
# Steps in search of the shortest cycle of a component; most components need a few hundred.
_MOST_STEPS = 1_000_000

Integers = npt.NDArray[np.int64]
Neighbours = Sequence[Sequence[int]]

_ANSWER = pa.list_(pa.struct([("component", pa.int64()), ("place", pa.int64())]))


class Cycles(NamedTuple):
    """For each node: the first node of its component, and its place in the shortest cycle of it,
    from 0. -1: in no component of two nodes or more; not in that cycle.
    """

    components: Integers
    places: Integers


def register(db: duckdb.DuckDBPyConnection) -> None:
    """Let *db* call `graph_cycles(sources, targets, nodes)`.

    The first two are the edges, as lists of equal length: the numbers of two nodes, from 0. The
    answer lists for each node its `component` and its `place`, as `Cycles` has them.
    """
    numbers = "BIGINT[]"
    db.create_function(
        "graph_cycles",
        _of_graphs,
        [numbers, numbers, "BIGINT"],
        "STRUCT(component BIGINT, place BIGINT)[]",
        type=PythonUDFType.ARROW,
    )


def _of_graphs(
    sources: pa.ChunkedArray, targets: pa.ChunkedArray, nodes: pa.ChunkedArray
) -> pa.Array:
    answers = []
    for *lists, count in zip(sources, targets, nodes.to_pylist(), strict=True):
        source, target = (edges.values.to_numpy() for edges in lists)
        found = cycles(source, target, count)
        answers.append(pa.StructArray.from_arrays(found, names=["component", "place"]))
    ends = np.cumsum([0, *map(len, answers)])
    structs = pa.concat_arrays(answers) if answers else pa.array([], _ANSWER.value_type)
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), structs)


@functools.cache
def version() -> str:
    """Return a digest of the code that finds cycles, for the record of tables that are kept."""
    return digest_of(np.__version__, Path(__file__).read_bytes().hex())


def cycles(sources: Integers, targets: Integers, nodes: int) -> Cycles:
    """Return the cycles of a graph. The order of the edges makes no difference."""
    found = Cycles(np.full(nodes, -1, np.int64), np.full(nodes, -1, np.int64))
    sources, targets = _trimmed(sources, targets, nodes)
    # The remaining nodes, numbered from 0 in the same order, with sorted neighbours.
    names, numbers = np.unique(np.concatenate([sources, targets]), return_inverse=True)
    edges = np.unique(numbers.reshape(2, -1), axis=1) if len(names) else numbers.reshape(2, 0)
    starts = np.searchsorted(edges[0], np.arange(len(names) + 1)).tolist()
    ends = edges[1].tolist()
    neighbours = [ends[start:end] for start, end in pairwise(starts)]
    for component in _components(neighbours):
        if len(component) > 1:
            component.sort()
            found.components[names[component]] = names[component[0]]
            cycle = _shortest_cycle(component, neighbours)
            found.places[names[cycle]] = np.arange(len(cycle))
    return found


def _trimmed(sources: Integers, targets: Integers, nodes: int) -> tuple[Integers, Integers]:
    """Return the edges without most of those that are in no cycle."""
    is_edge = sources != targets
    for _ in range(_MOST_ROUNDS):
        sources, targets = sources[is_edge], targets[is_edge]
        has_out = np.bincount(sources, minlength=nodes) > 0
        has_in = np.bincount(targets, minlength=nodes) > 0
        is_edge = has_in[sources] & has_out[targets]
        if is_edge.all():
            break
    return sources[is_edge], targets[is_edge]


def _components(neighbours: Neighbours) -> list[list[int]]:
    """Return the strongly connected components."""
    # Order of discovery, from 1; 0: not seen. A node of a finished component has the last number.
    done = len(neighbours) + 1
    order, lowest = [0] * len(neighbours), [0] * len(neighbours)
    components: list[list[int]] = []
    open_nodes: list[int] = []
    seen = 0
    for root in range(len(neighbours)):
        path = [] if order[root] else [(root, iter(neighbours[root]))]
        while path:
            node, further = path[-1]
            if not order[node]:
                seen += 1
                order[node] = lowest[node] = seen
                open_nodes.append(node)
            for neighbour in further:
                if not order[neighbour]:
                    path.append((neighbour, iter(neighbours[neighbour])))
                    break
                lowest[node] = min(lowest[node], lowest[neighbour])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                if lowest[node] == order[node]:
                    component = _taken(open_nodes, node)
                    for member in component:
                        lowest[member] = done
                    components.append(component)
    return components


def _taken(open_nodes: list[int], node: int) -> list[int]:
    """Take *node*, and everything after it, from the end of *open_nodes*."""
    component = [open_nodes.pop()]
    while component[-1] != node:
        component.append(open_nodes.pop())
    return component


def _shortest_cycle(component: list[int], neighbours: Neighbours) -> list[int]:
    """Return the shortest cycle of a component from its first node on; of several, that of the
    first nodes. In a component of very many edges, the nodes that are looked at are the first.
    """
    members = set(component)
    shortest: list[int] = []
    steps = 0
    for start in component:
        before = {start: -1}
        waiting = deque([start])
        depths = {start: 1}
        while waiting:
            node = waiting.popleft()
            if shortest and depths[node] >= len(shortest):
                break
            steps += len(neighbours[node])
            if start in neighbours[node]:
                shortest = _way(before, node)
                break
            for neighbour in neighbours[node]:
                if neighbour in members and neighbour not in before:
                    before[neighbour] = node
                    depths[neighbour] = depths[node] + 1
                    waiting.append(neighbour)
        if len(shortest) == 2 or (shortest and steps > _MOST_STEPS):
            break
    return shortest


def _way(before: dict[int, int], end: int) -> list[int]:
    """Return the nodes from the start to *end*."""
    way = []
    while end >= 0:
        way.append(end)
        end = before[end]
    return way[::-1]
