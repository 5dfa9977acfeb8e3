"""The functions of graphs that the SQL of models calls."""

from __future__ import annotations

import duckdb

from loaders.base.digests import digest_of
from loaders.publishing import graph_cycles, page_ranks

# As the SQL of a model has them.
CALLS = ("graph_cycles(", "page_ranks(")


def register(db: duckdb.DuckDBPyConnection) -> None:
    """Let *db* call the functions."""
    graph_cycles.register(db)
    page_ranks.register(db)


def version() -> str:
    """Return a digest of the code of the functions, for the record of tables that are kept."""
    return digest_of(graph_cycles.version(), page_ranks.version())
