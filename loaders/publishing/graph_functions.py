"""The functions of graphs that the SQL of models calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loaders.base.digests import digest_of

# Late: a plan asks only for the names, and the libraries take a part of a second.
if TYPE_CHECKING:
    import duckdb

# As the SQL of a model has them.
CALLS = ("graph_cycles(", "page_ranks(")


def register(db: duckdb.DuckDBPyConnection) -> None:
    """Let *db* call the functions."""
    from loaders.publishing import graph_cycles, page_ranks

    graph_cycles.register(db)
    page_ranks.register(db)


def version() -> str:
    """Return a digest of the code of the functions, for the record of tables that are kept."""
    from loaders.publishing import graph_cycles, page_ranks

    return digest_of(graph_cycles.version(), page_ranks.version())
