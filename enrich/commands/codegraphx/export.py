"""`enrich export`: the core tables as the SQLite database that CodeGraphX's scripts read."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from enrich import options
from enrich.commands.codegraphx.catalogue import PROJECT_COLUMNS, catalogued_projects
from enrich.commands.codegraphx.old_shape import INDEXES, TABLES
from enrich.db import Published
from loaders.base.paths import clean_text
from loaders.base.sealed import flush_directory, naming

_SQLITE = b"SQLite format 3\0"


@click.command()
@click.option(
    "--sqlite",
    "target",
    required=True,
    type=click.Path(),
    metavar="FILE",
    help="The database to write.",
)
@click.option("--force", is_flag=True, help="Replace an existing SQLite database.")
@options.db_option
def export(target: str, force: bool, db: str | None) -> None:
    """Write a catalogue that CodeGraphX's scripts can read.

    It has the landed facts of CodeGraphX in its own tables, columns, keys and indexes. Projects
    have the values of the landed catalogue, or ours if it does not list them. Unknown counts are 0,
    as in CodeGraphX.
    """
    path = Path(os.path.abspath(os.path.expanduser(target)))
    _check_target(path, force)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
    try:
        with Published(db) as published:
            counts = write_database(draft, published)
        _put(draft, path, force)
    finally:
        draft.unlink(missing_ok=True)
    rows = ", ".join(
        f"{count:,} {table.removeprefix('codegraphx_')}" for table, count in counts.items()
    )
    click.echo(clean_text(f"exported: {rows}: {path}"))


def _check_target(path: Path, force: bool) -> None:
    """Raise Refusal if *path* cannot be written, is in use, or must not be replaced."""
    if not path.parent.is_dir():
        raise options.Refusal(f"{clean_text(str(path.parent))}: no such folder")
    for journal in (path.with_name(path.name + end) for end in ("-journal", "-wal")):
        if journal.exists():
            reason = "the database is open, or was left half written; nothing was done"
            raise options.Refusal(f"{clean_text(str(journal))}: {reason}")
    if not os.path.lexists(path):
        return
    if not force:
        raise options.Refusal(f"{clean_text(str(path))}: exists already; --force replaces it")
    with naming(path), open(path, "rb") as file:
        start = file.read(len(_SQLITE))
    if start not in (b"", _SQLITE):
        raise options.Refusal(
            f"{clean_text(str(path))}: is not a SQLite database; it is not replaced"
        )


def _put(draft: Path, path: Path, force: bool) -> None:
    """Give *draft* its name in one step; without *force*, only if the name is still free."""
    with naming(draft), open(draft, "rb") as file:
        os.fsync(file.fileno())
    if not force:
        # Not by a link, which some file systems do not support.
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            raise options.Refusal(
                f"{clean_text(str(path))}: exists already; --force replaces it"
            ) from None
    os.replace(draft, path)
    flush_directory(path.parent)


def write_database(path: Path, published: Published) -> dict[str, int]:
    """Write the database at *path* and return the number of rows per table.

    The same published file gives the same bytes, with one version of SQLite. Raises OSError and
    duckdb.Error.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("pragma journal_mode = off")
            database.execute("pragma synchronous = off")
            database.execute("begin")
            counts = {}
            for name, columns in TABLES.items():
                database.execute(f"CREATE TABLE {name} ({columns}\n)")
                table = _Table.read(database, name)
                rows = _projects(published) if name == "projects" else _landed(published, table)
                database.executemany(table.insert, rows)
                counts[name] = database.execute(f"select count(*) from {name}").fetchone()[0]
            for index, indexed, names in INDEXES:
                database.execute(f"CREATE INDEX {index} ON {indexed} ({', '.join(names)})")
            database.execute("commit")
    except sqlite3.OperationalError as error:
        raise OSError(None, f"could not be written: {error}", os.fspath(path)) from None
    return counts


@dataclass(frozen=True)
class _Table:
    """A table of the catalogue: its columns without the id, each with its type and the value
    for unknown, and its key.
    """

    name: str
    columns: dict[str, tuple[str, str]]
    key: tuple[str, ...]

    @classmethod
    def read(cls, database: sqlite3.Connection, name: str) -> _Table:
        described = database.execute(f"pragma table_info({name})").fetchall()
        [[unique]] = database.execute(
            "select name from pragma_index_list(?) where origin in ('u', 'pk')", [name]
        ).fetchall()
        key = database.execute(
            "select name from pragma_index_info(?) order by seqno", [unique]
        ).fetchall()
        return cls(
            name,
            {
                column: (kind, _unknown(kind, *rest))
                for _, column, kind, *rest in described
                if column != "id"
            },
            tuple(column for (column,) in key),
        )

    @property
    def insert(self) -> str:
        """The statement that inserts a row and keeps the first row of a key."""
        marks = ", ".join("?" for _ in self.columns)
        return f"insert or ignore into {self.name} ({', '.join(self.columns)}) values ({marks})"


def _unknown(kind: str, is_required: int, default: str | None, is_key: int) -> str:
    """Return, in SQL, the value that CodeGraphX writes for unknown."""
    if not (is_required or is_key):
        return "null"
    if kind == "TEXT":
        return default if default and default.startswith("'") else "''"
    return "0"


def _projects(published: Published) -> Iterator[tuple[Any, ...]]:
    for row in catalogued_projects(published):
        # The other tables have paths as the catalogue does.
        written = row | {"path": row["catalogued_path"]}
        yield tuple(written[name] for name in PROJECT_COLUMNS)


def _landed(published: Published, table: _Table) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a core table by the key of the catalogue, the newest of a key first."""
    types = dict(row[:2] for row in published.query(f"describe {table.name}").rows)
    # The engine converts many rows faster than Python.
    values = [_as_stored(column, types[column], *kind) for column, kind in table.columns.items()]
    return published.stream(
        f"select {', '.join(values)} from {table.name} "
        f"order by {', '.join(table.key)}, updated_at desc, source_run_id desc"
    )


def _as_stored(column: str, published_type: str, kind: str, unknown: str) -> str:
    if published_type.startswith("TIMESTAMP"):
        value = f"strftime({column}, '%Y-%m-%d %H:%M:%S')"
    else:
        value = f"cast({column} as {_TYPES[kind]})"
    return f"coalesce({value}, {unknown})"


_TYPES = {"TEXT": "varchar", "INTEGER": "bigint", "REAL": "double"}
