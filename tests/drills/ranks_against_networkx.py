"""Our PageRank beside that of networkx and scipy, on the same generated graph.

By hand, with a package registry; installs networkx and scipy in a temporary environment, and prints
versions, seconds, peak memory, and the largest difference of a rank:

    python tests/drills/ranks_against_networkx.py
    python tests/drills/ranks_against_networkx.py --nodes 1000 --edges 5000

scipy iterates as networkx does (its power iteration over a sparse matrix), up to the same change
per iteration as we do. networkx itself is asked on a graph of at most 20,000 nodes, since it
needs a minute and 10 GB for the objects of 5 million edges. Exits with 1 if a rank differs by 1e-6,
or a limit is passed: 3 times the time of scipy, 1.5 GB.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

_MOST_TIMES, _MOST_BYTES, _MOST_DIFFERENCE = 3, 1_500_000_000, 1e-6
_REPEAT = 5
_MOST_NODES_OF_NETWORKX = 20_000

# Each side is a process of its own: the graph, the seconds of the best run, and its peak memory.
_HEAD = """
import json, resource, sys, time
import numpy as np
graph = np.load(sys.argv[1])
sources, targets, weights = graph["sources"], graph["targets"], graph["weights"]
nodes = int(graph["nodes"])
def best(ranked):
    seconds = []
    for _ in range({repeat}):
        began = time.perf_counter()
        ranks = ranked()
        seconds.append(time.perf_counter() - began)
    np.save(sys.argv[2], ranks)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps([min(seconds), peak, version]))
"""
_SIDES = {
    "ours": """
from loaders.publishing.page_ranks import page_ranks
version = np.__version__
best(lambda: page_ranks(sources, targets, weights, nodes))
""",
    "ours, in a query": """
import duckdb
from loaders.publishing import page_ranks
version = duckdb.__version__
db = duckdb.connect()
page_ranks.register(db)
columns = {"source": sources, "target": targets, "weight": weights}
db.execute("create table edges as from columns")
def ranked():
    lists = "list(source), list(target), list(weight)"
    return db.execute(
        f"select unnest(page_ranks({lists}, {nodes})) as ranks from edges"
    ).fetchnumpy()["ranks"]
best(ranked)
db.close()
""",
    "scipy": """
import scipy
import scipy.sparse as sparse
version = scipy.__version__
def ranked():
    matrix = sparse.coo_array((weights, (sources, targets)), shape=(nodes, nodes)).tocsr()
    out = matrix.sum(axis=1)
    is_dangling = np.where(out == 0)[0]
    out[out != 0] = 1.0 / out[out != 0]
    matrix = sparse.csr_array(sparse.dia_array((out, 0), shape=(nodes, nodes)).tocsr() @ matrix)
    ranks = np.repeat(1.0 / nodes, nodes)
    for _ in range(300):
        before = ranks
        ranks = 0.85 * (before @ matrix + before[is_dangling].sum() / nodes) + 0.15 / nodes
        if np.abs(ranks - before).sum() < 1e-10:
            return ranks
best(ranked)
""",
    "networkx": """
import networkx
version = networkx.__version__
graph = networkx.DiGraph()
graph.add_nodes_from(range(nodes))
graph.add_weighted_edges_from(zip(sources.tolist(), targets.tolist(), weights.tolist()))
def ranked():
    found = networkx.pagerank(graph, alpha=0.85, tol=1e-16, max_iter=1000)
    return np.array([found[node] for node in range(nodes)])
try:
    best(ranked)
except networkx.PowerIterationFailedConvergence:
    found = networkx.pagerank(graph, alpha=0.85, tol=1e-10 / nodes, max_iter=1000)
    best(lambda: np.array([found[node] for node in range(nodes)]))
""",
}


def generated(nodes: int, edges: int, seed: int) -> dict[str, np.ndarray]:
    """A graph with a few much used nodes, dangling nodes, self loops, and nodes without an edge."""
    random = np.random.default_rng(seed)
    order = random.permutation(nodes)
    pairs = np.unique(
        (nodes * 0.9 * random.random(edges) ** 1.5).astype(np.int64) * nodes
        + (nodes * 0.95 * random.random(edges) ** 3).astype(np.int64)
    )
    random.shuffle(pairs)
    return {
        "sources": order[pairs // nodes],
        "targets": order[pairs % nodes],
        "weights": random.integers(1, 9, len(pairs)).astype(float),
        "nodes": np.array(nodes),
    }


def compared(python: Path, work: Path, graph: dict[str, np.ndarray], names: list[str]) -> bool:
    """Print a line for each side; say whether ours keeps within the limits."""
    np.savez(work / "graph.npz", allow_pickle=False, **graph)
    print(f"{graph['nodes']:,} nodes, {len(graph['sources']):,} edges")
    seconds, peaks, ranks = {}, {}, {}
    for name in names:
        program = sys.executable if name.startswith("ours") else str(python)
        code = _HEAD.format(repeat=_REPEAT) + _SIDES[name]
        answer = subprocess.run(
            [program, "-c", code, str(work / "graph.npz"), str(work / "ranks.npy")],
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        seconds[name], peaks[name], version = json.loads(answer.stdout.splitlines()[-1])
        ranks[name] = np.load(work / "ranks.npy")
        difference = np.abs(ranks[name] - ranks["ours"]).max()
        print(
            f"  {name:18} {seconds[name]:7.3f} s  {peaks[name] / 1e6:6.0f} MB"
            f"  differs by {difference:.1e}  ({version})"
        )
    times = max(seconds[name] for name in names if name.startswith("ours")) / seconds["scipy"]
    peak = max(peaks[name] for name in names if name.startswith("ours"))
    worst = max(float(np.abs(found - ranks["ours"]).max()) for found in ranks.values())
    print(f"  {times:.2f} times scipy, {peak / 1e6:,.0f} MB, differs by at most {worst:.1e}")
    small = len(graph["sources"]) < 1_000_000  # where starting a query takes longer than all else
    return worst <= _MOST_DIFFERENCE and (small or (times <= _MOST_TIMES and peak <= _MOST_BYTES))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nodes", type=int, default=500_000)
    parser.add_argument("--edges", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ranks-") as name:
        work = Path(name)
        subprocess.run([sys.executable, "-m", "venv", work / "their"], check=True)
        python = work / "their/bin/python"
        subprocess.run([python, *"-m pip install -q networkx scipy".split()], check=True)
        small = min(given.nodes, _MOST_NODES_OF_NETWORKX)
        graph = generated(small, min(given.edges, 10 * small), given.seed)
        is_good = compared(python, work, graph, [*_SIDES])
        if given.nodes > small:
            graph = generated(given.nodes, given.edges, given.seed)
            is_good &= compared(python, work, graph, [*_SIDES][:3])
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
