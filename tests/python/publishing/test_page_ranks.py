"""PageRank equals the solution of its equations, and what is kept knows which code ranked it."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pytest
from ranked_graphs import Edge, solved

from loaders.building import kept
from loaders.building.plan import Node
from loaders.publishing import page_ranks

GRAPHS: dict[str, tuple[int, list[Edge]]] = {
    "no edges": (3, []),
    "one node that names itself": (1, [(0, 0, 1)]),
    "a dangling end": (3, [(0, 1, 1), (1, 2, 1)]),
    "a cycle, and a node apart": (4, [(0, 1, 1), (1, 2, 1), (2, 0, 1)]),
    "weights": (3, [(0, 1, 9), (0, 2, 1), (2, 0, 3)]),
    "a self loop among others": (4, [(0, 0, 5), (0, 1, 1), (1, 2, 2), (3, 2, 1)]),
    "an edge of no weight": (3, [(0, 1, 0), (1, 2, 1)]),
    "two parts": (6, [(0, 1, 1), (1, 0, 1), (2, 3, 1), (3, 4, 1), (4, 5, 1), (5, 2, 1)]),
    "many": (50, [(a, b, a % 3 + 1) for a in range(40) for b in range(50) if a * b % 7 == 1]),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_ranks_solve_the_equations_in_any_order_of_edges(name: str) -> None:
    nodes, edges = GRAPHS[name]
    rows: list[Any] = [*edges] or [(None, None, None)]
    with duckdb.connect() as db:
        page_ranks.register(db)
        db.execute("create table edges (source bigint, target bigint, weight double)")
        db.executemany("insert into edges values (?, ?, ?)", rows)
        found = [
            db.execute(
                f"""
                select page_ranks(
                    coalesce(list(source order by {order}) filter (weight is not null), []),
                    coalesce(list(target order by {order}) filter (weight is not null), []),
                    coalesce(list(weight order by {order}) filter (weight is not null), []),
                    {nodes}
                ) from edges
                """
            ).fetchall()[0][0]
            for order in ("source, target", "hash(source, target)")
        ]
    assert found[0] == found[1]
    assert found[0] == pytest.approx(solved(nodes, edges), abs=1e-9)
    assert sum(found[0]) == pytest.approx(1)


def test_two_graphs_in_one_query_stay_apart() -> None:
    with duckdb.connect() as db:
        page_ranks.register(db)
        found = db.execute(
            "select page_ranks(sources, targets, weights, nodes) from"
            " (values (1, [0], [1], [1.0], 2), (2, [1, 2], [0, 0], [1.0, 1.0], 3),"
            " (3, [], [], [], 0), (4, null, null, null, 1))"
            " as graphs (number, sources, targets, weights, nodes) order by number"
        ).fetchall()
    assert found[0][0] == pytest.approx(solved(2, [(0, 1, 1)]))
    assert found[1][0] == pytest.approx(solved(3, [(1, 0, 1), (2, 0, 1)]))
    assert [found[2][0], found[3][0]] == [[], None]


def test_a_kept_table_knows_the_code_that_ranked_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ranked = Node("model.ranked", "model", ("create table x as select page_ranks(a, b, c, 1)",))
    other = Node("model.other", "model", ("create table x as select 1",))
    before = [kept.inputs_of(node, {}, {}) for node in (ranked, other)]
    assert None not in before
    monkeypatch.setattr(page_ranks, "version", lambda: "another")
    after = [kept.inputs_of(node, {}, {}) for node in (ranked, other)]
    assert (before[0] == after[0], before[1] == after[1]) == (False, True)


def test_a_graph_too_large_for_one_number_per_edge_is_sorted_too() -> None:
    sources, targets = np.array([2, 0, 1, 2]), np.array([1, 2, 1, 0])
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    for nodes in (3, 2**31):
        found = page_ranks._by_target(sources, targets, weights, nodes)
        assert [list(column) for column in found] == [[2, 1, 2, 0], [0, 1, 1, 2], [4, 3, 1, 2]]
