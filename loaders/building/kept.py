"""The record of the tables that earlier builds made, in the build database itself.

One row per node: a digest of everything that made it (`inputs`), and a digest of the rows that came
out (`contents`). It is written in the transaction that makes the node, so that a build that dies
leaves no row that is not true.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.base.digests import digest_of
from loaders.building.plan import Node
from loaders.publishing import graph_functions

SCHEMA = "kept"
# A node that other code has noted in another way is made again.
_VERSION = 2
_CREATE = f"""
    create schema if not exists {SCHEMA};
    create table if not exists {SCHEMA}.nodes (
        unique_id varchar, inputs varchar, contents varchar
    )
"""


@dataclass(frozen=True)
class Made:
    """A node that an earlier build made."""

    inputs: str
    contents: str


def read(db: duckdb.DuckDBPyConnection) -> dict[str, Made]:
    """Return unique id → the record of the node, and make the table if there is none."""
    db.execute(_CREATE)
    rows = db.execute(f"select unique_id, inputs, contents from {SCHEMA}.nodes")
    return {unique_id: Made(*rest) for unique_id, *rest in rows.fetchall()}


def write(db: duckdb.DuckDBPyConnection, made: Mapping[str, Made]) -> None:
    """Note how nodes were made, by their unique ids, in as few statements as possible."""
    if made:
        forget(db, [*made])
        rows = [
            [*made],
            [one.inputs for one in made.values()],
            [one.contents for one in made.values()],
        ]
        db.execute(f"insert into {SCHEMA}.nodes select unnest(?), unnest(?), unnest(?)", rows)


def forget(db: duckdb.DuckDBPyConnection, unique_ids: Collection[str]) -> None:
    if unique_ids:
        db.execute(f"delete from {SCHEMA}.nodes where unique_id in ?", [[*unique_ids]])


def inputs_of(node: Node, contents: Mapping[str, str], variables: Mapping[str, str]) -> str | None:
    """Return the digest of everything that makes *node*: its SQL, the contents of the relations
    that it reads (by name), files, variables, the engine and its own functions. None: it cannot be
    known.

    Raises OSError if a file of a seed cannot be read.
    """
    if not node.is_known:
        return None
    return digest_of(
        _VERSION,
        duckdb.__version__,
        node.statements,
        # A relation that a comment names, but that is made later, is not read.
        [(name, contents[name]) for name in node.reads if name in contents],
        [(name, variables.get(name)) for name in node.variables],
        [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in node.files],
        graph_functions.version() if node.asks_graphs else None,
    )


def contents_of(db: duckdb.DuckDBPyConnection, relation: str) -> str:
    """Return what the columns and the rows of a table are, whatever their order: a digest of the
    columns, and the number of rows.

    Two sums over 64-bit hashes of the rows: with the number of rows, tables that differ in some
    rows by chance are equal in neither.
    """
    schema, name = relation.split(".")
    table = f'"{schema}"."{name}"'
    columns = db.execute(f"select column_name, column_type from (describe {table})").fetchall()
    [sums] = db.execute(
        "select count(*), coalesce(bit_xor(number), 0), coalesce(sum(cast(number as hugeint)), 0)"
        f" from (select hash(made) as number from {table} as made)"
    ).fetchall()
    return " ".join([digest_of(columns), *map(str, sums)])


def contents_with(contents: str, count: int, xor: int, total: int) -> str:
    """Return what *contents* become with rows gained, less those lost: their number, and the sums
    over their hashes.
    """
    columns, *sums = contents.split()
    before = [*map(int, sums)]
    return f"{columns} {before[0] + count} {before[1] ^ xor} {before[2] + total}"


def remove_unknown(db: duckdb.DuckDBPyConnection, nodes: Iterable[Node]) -> set[str]:
    """Drop every relation that no node of the plan makes; return the others."""
    planned = {node.relation: node for node in nodes if node.relation}
    found = db.execute(
        """
        select schema_name || '.' || view_name, 'view' from duckdb_views() where not internal
        union all
        select schema_name || '.' || table_name, 'table' from duckdb_tables()
        """
    ).fetchall()
    there = set()
    for relation, kind in found:
        schema, _, name = relation.partition(".")
        if schema in ("landed", SCHEMA):
            continue
        node = planned.get(relation)
        if node is None or node.is_view != (kind == "view"):
            db.execute(f'drop {kind} "{schema}"."{name.replace(chr(34), chr(34) * 2)}"')
        else:
            there.add(relation)
    return there
