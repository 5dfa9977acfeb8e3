"""PageRank, for graphs that SQL would walk edge by edge: a function of the engine of a build.

Brin and Page 1998, with weights, by power iteration. A node without an outgoing weight passes its
rank on to every node.
"""

from __future__ import annotations

import functools
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb.func import PythonUDFType

from loaders.base.digests import digest_of

DAMPING = 0.85
# The bound of the sum of all changes in one iteration. The rest of the way is at most
# 0.85 / 0.15 of it.
_TOLERANCE = 1e-10
# 0.85 to this power is beneath the tolerance, so that every graph ends before.
_MOST_ITERATIONS = 150

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def register(db: duckdb.DuckDBPyConnection) -> None:
    """Let *db* call `page_ranks(sources, targets, weights, nodes)`.

    The first three are the edges, as lists of equal length: the numbers of two nodes, from 0, and a
    weight. No two edges have the same nodes. The answer lists the rank of each node.
    """
    numbers = "BIGINT[]"
    db.create_function(
        "page_ranks",
        _of_graphs,
        [numbers, numbers, "DOUBLE[]", "BIGINT"],
        "DOUBLE[]",
        type=PythonUDFType.ARROW,
    )


@functools.cache
def version() -> str:
    """Return a digest of what computes the ranks, for the record of tables that are kept."""
    return digest_of(np.__version__, Path(__file__).read_bytes().hex())


def _of_graphs(
    sources: pa.ChunkedArray,
    targets: pa.ChunkedArray,
    weights: pa.ChunkedArray,
    nodes: pa.ChunkedArray,
) -> pa.Array:
    ranks = []
    for *lists, count in zip(sources, targets, weights, nodes.to_pylist(), strict=True):
        source, target, weight = (edges.values.to_numpy() for edges in lists)
        ranks.append(page_ranks(source, target, weight, count))
    return pa.array(ranks, pa.list_(pa.float64()))


def page_ranks(sources: Integers, targets: Integers, weights: Floats, nodes: int) -> Floats:
    """Return the rank of each of *nodes* nodes; they add up to 1.

    The order of the edges makes no difference, not even in the last bit.
    """
    if not nodes:
        return np.empty(0)
    sources, targets, weights = _by_target(sources, targets, weights, nodes)
    out = np.bincount(sources, weights=weights, minlength=nodes)
    is_dangling = out == 0
    shares = weights * np.divide(DAMPING, out, out=np.zeros(nodes), where=~is_dangling)[sources]
    # The edges into a node are neighbours, and are added up in one pass.
    first = np.flatnonzero(np.diff(targets, prepend=-1))
    entered = targets[first]
    ranks = np.full(nodes, 1 / nodes)
    flows = np.empty(len(sources))
    for _ in range(_MOST_ITERATIONS):
        before = ranks
        # `clip` writes to `out` without a copy; every number is in bounds.
        np.take(before, sources, out=flows, mode="clip")
        flows *= shares
        ranks = np.full(nodes, (DAMPING * before[is_dangling].sum() + 1 - DAMPING) / nodes)
        if len(first):
            ranks[entered] += np.add.reduceat(flows, first)
        if np.abs(ranks - before).sum() < _TOLERANCE:
            break
    return ranks


def _by_target(
    sources: Integers, targets: Integers, weights: Floats, nodes: int
) -> tuple[Integers, Integers, Floats]:
    """Return the edges in the order of their targets, then of their sources."""
    of_node, of_edge = nodes.bit_length(), len(sources).bit_length()
    if 2 * of_node + of_edge < 64:
        # Numbers are sorted in a fifth of the time of positions, and a number has room for both.
        packed = (((targets << of_node) | sources) << of_edge) | np.arange(len(sources))
        packed.sort()
        weights = weights[packed & ((1 << of_edge) - 1)]
        packed >>= of_edge
        return packed & ((1 << of_node) - 1), packed >> of_node, weights
    order = np.lexsort((sources, targets))
    return sources[order], targets[order], weights[order]
