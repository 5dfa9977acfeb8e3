"""The consumer contract of a published file: which relations it has, with which columns in which
order.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from loaders.base.engine_paths import readable

# Relation → (column, type) in the contract's order.
Contract = Mapping[str, Sequence[Sequence[str]]]


def relations(manifest: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return (schema, name) → node of everything that dbt's *manifest* puts in the database."""
    return {
        (node["schema"], node["alias"]): node
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed", "snapshot")
        and node["config"]["materialized"] != "ephemeral"
    }


def contract_columns(manifest: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Return the contract: the columns of every model whose contract dbt enforces."""
    return {
        f"{node['schema']}.{node['alias']}": [
            (column["name"], _type(column["data_type"])) for column in node["columns"].values()
        ]
        for node in relations(manifest).values()
        if node.get("contract", {}).get("enforced")
    }


def _type(name: str) -> str:
    return re.sub(r"\s+", "", name.upper())


def breaches(
    path: Path, contract: Contract, *, answered: Container[str] = frozenset()
) -> Iterator[str]:
    """Yield a line for each relation of *contract* that the database at *path* does not answer as
    promised. Those that have *answered*, with the same contents, are asked for their columns only.
    """
    # Late: code that only looks for the published file need not wait for it.
    import duckdb

    try:
        with readable(path) as opened:
            connection = duckdb.connect(
                opened, read_only=True, config={"enable_external_access": False}
            )
    except duckdb.Error as error:
        yield f"cannot be opened: {str(error).partition(chr(10))[0]}"
        return
    with connection as db:
        for name, columns in contract.items():
            # The note of a restored file may say anything: a name is a name.
            relation = ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))
            expected = [tuple(column) for column in columns]
            try:
                described = db.execute(f"describe {relation}").fetchall()
                if name not in answered:
                    db.execute(f"select count(*) from {relation}").fetchall()
            except duckdb.Error as error:
                yield f"{name}: does not answer: {error}"
                continue
            actual = [(row[0], _type(row[1])) for row in described]
            if actual != expected:
                wrong = next(
                    (pair for pair in zip(actual, expected, strict=False) if pair[0] != pair[1]),
                    None,
                )
                yield (
                    f"{name}: columns differ from the contract (is, should be): {wrong or 'number'}"
                )
