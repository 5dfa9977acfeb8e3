"""Cycles of graphs are exactly the strongly connected components, in any order of the edges."""

from __future__ import annotations

import random

import duckdb
import numpy as np
import pytest

from loaders.publishing import graph_cycles, graph_functions
from loaders.publishing.graph_cycles import cycles

Edges = list[tuple[int, int]]

# Edges → the shortest cycle of each component, and the nodes of each component.
GRAPHS: dict[str, tuple[Edges, list[list[int]], list[list[int]]]] = {
    "nothing": ([], [], []),
    "a line": ([(0, 1), (1, 2)], [], []),
    "two ways to one end": ([(0, 1), (0, 2), (1, 3), (2, 3)], [], []),
    "a node that names itself": ([(0, 0), (0, 1)], [], []),
    "two": ([(1, 2), (2, 1)], [[1, 2]], [[1, 2]]),
    "three, against the numbers": ([(0, 2), (2, 1), (1, 0)], [[0, 2, 1]], [[0, 1, 2]]),
    "with ways in and out": (
        [(0, 1), (1, 2), (2, 3), (3, 1), (3, 4), (4, 5)],
        [[1, 2, 3]],
        [[1, 2, 3]],
    ),
    "two components, one leads to the other": (
        [(0, 1), (1, 0), (1, 2), (2, 3), (3, 2)],
        [[0, 1], [2, 3]],
        [[0, 1], [2, 3]],
    ),
    "a short cycle in a long one": (
        [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (3, 2)],
        [[2, 3]],
        [[0, 1, 2, 3, 4]],
    ),
}


def found(edges: Edges, nodes: int = 9) -> tuple[list[list[int]], list[list[int]]]:
    """The cycles, and the components."""
    sources, targets = np.array(edges, np.int64).reshape(-1, 2).T
    answer = cycles(sources, targets, nodes)
    first = sorted(set(answer.components.tolist()) - {-1})
    components = [np.flatnonzero(answer.components == name).tolist() for name in first]
    return [
        sorted((node for node in one if answer.places[node] >= 0), key=answer.places.__getitem__)
        for one in components
    ], components


@pytest.mark.parametrize("name", GRAPHS)
def test_cycles_are_found_in_any_order_of_the_edges(name: str) -> None:
    edges, shortest, components = GRAPHS[name]
    for order in (edges, edges[::-1], [*edges, *edges]):
        assert found(order) == (shortest, components)


def test_components_are_those_of_the_paths_in_both_directions() -> None:
    shuffle = random.Random(19)
    for size in (5, 12, 30):
        for _ in range(40):
            edges = [
                (shuffle.randrange(size), shuffle.randrange(size))
                for _ in range(shuffle.randrange(2 * size))
            ]
            reach = np.eye(size, dtype=bool)
            for source, target in edges:
                reach[source, target] = True
            for middle in range(size):
                reach |= reach[:, [middle]] & reach[[middle], :]
            both = reach & reach.T
            expected = sorted({tuple(np.flatnonzero(row)) for row in both if row.sum() > 1})
            shortest, components = found(edges, size)
            assert [tuple(one) for one in components] == expected
            for cycle in shortest:
                ends = zip(cycle, [*cycle[1:], cycle[0]], strict=True)
                assert set(ends) <= set(edges)


def test_a_long_chain_is_walked_without_recursion() -> None:
    line = [(number, number + 1) for number in range(30_000)]
    assert found(line, 30_001) == ([], [])
    assert len(found([*line, (30_000, 0)], 30_001)[1][0]) == 30_001


def test_the_engine_asks_for_several_graphs_at_once() -> None:
    with duckdb.connect() as db:
        graph_functions.register(db)
        rows = db.execute(
            "select graph_cycles(sources, targets, nodes) from"
            " (values (1, [0, 1], [1, 0], 3), (2, [0], [1], 2), (3, null, null, 0))"
            " as graphs (number, sources, targets, nodes) order by number"
        ).fetchall()
    none = {"component": -1, "place": -1}
    assert rows[0][0] == [{"component": 0, "place": 0}, {"component": 0, "place": 1}, none]
    assert rows[1:] == [([none, none],), (None,)]


def test_a_kept_table_knows_the_code_that_found_its_cycles(monkeypatch) -> None:
    before = graph_functions.version()
    monkeypatch.setattr(graph_cycles, "version", lambda: "another")
    assert graph_functions.version() != before
