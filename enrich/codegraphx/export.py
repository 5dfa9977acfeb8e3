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
from enrich.codegraphx.catalogue import PROJECT_COLUMNS, catalogued_projects
from enrich.codegraphx.old_shape import INDEXES, TABLES
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
    help="The database to make.",
)
@click.option(
    "--force", is_flag=True, help="Put it in the place of a SQLite database that is there."
)
@options.db_option
def export(target: str, force: bool, db: str | None) -> None:
    """Write a catalogue that CodeGraphX's scripts read.

    What was landed of CodeGraphX, in its tables, columns, keys and indexes. Projects have the values
    of the landed catalogue, and ours where it lists none; counters that nobody knows are 0, as there.
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
    told = ", ".join(
        f"{count:,} {table.removeprefix('codegraphx_')}" for table, count in counts.items()
    )
    click.echo(clean_text(f"exported: {told}: {path}"))


def _check_target(path: Path, force: bool) -> None:
    """Raise Refusal where *path* cannot be made, or something lies there that must not be replaced or is in use."""
    if not path.parent.is_dir():
        raise options.Refusal(f"{clean_text(str(path.parent))}: there is no such folder")
    for journal in (path.with_name(path.name + end) for end in ("-journal", "-wal")):
        if journal.exists():
            reason = "somebody has the database open, or left it half written; nothing done"
            raise options.Refusal(f"{clean_text(str(journal))}: {reason}")
    if not os.path.lexists(path):
        return
    if not force:
        raise options.Refusal(f"{clean_text(str(path))}: is there already; --force replaces it")
    with naming(path), open(path, "rb") as file:
        start = file.read(len(_SQLITE))
    if start not in (b"", _SQLITE):
        raise options.Refusal(f"{clean_text(str(path))}: is no SQLite database; it is not replaced")


def _put(draft: Path, path: Path, force: bool) -> None:
    """Give *draft* its name in one step; without *force* only where nobody took the name meanwhile."""
    with naming(draft), open(draft, "rb") as file:
        os.fsync(file.fileno())
    if not force:
        # Not a link: the folder may lie on a disk that has none.
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            raise options.Refusal(
                f"{clean_text(str(path))}: is there already; --force replaces it"
            ) from None
    os.replace(draft, path)
    flush_directory(path.parent)


def write_database(path: Path, published: Published) -> dict[str, int]:
    """Make the database at *path* and return how many rows each table has. Raises OSError, duckdb.Error.

    Equal files give equal bytes (with one version of SQLite).
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
            for name, table, columns in INDEXES:
                database.execute(f"CREATE INDEX {name} ON {table} ({', '.join(columns)})")
            database.execute("commit")
    except sqlite3.OperationalError as error:
        raise OSError(None, f"could not be written: {error}", os.fspath(path)) from None
    return counts


@dataclass(frozen=True)
class _Table:
    """A table of the old shape: its columns but for the id, each with its kind and what stands for unknown; its key."""

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
        """The first row of a key stays."""
        marks = ", ".join("?" for _ in self.columns)
        return f"insert or ignore into {self.name} ({', '.join(self.columns)}) values ({marks})"


def _unknown(kind: str, is_required: int, default: str | None, is_key: int) -> str:
    """Return, in SQL, what CodeGraphX writes where it knows nothing."""
    if not (is_required or is_key):
        return "null"
    if kind == "TEXT":
        return default if default and default.startswith("'") else "''"
    return "0"


def _projects(published: Published) -> Iterator[tuple[Any, ...]]:
    for row in catalogued_projects(published):
        yield tuple(row[name] for name in PROJECT_COLUMNS)


def _landed(published: Published, table: _Table) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a core table in the order of the old key; of rows that share one, the newest first."""
    types = dict(row[:2] for row in published.query(f"describe {table.name}").rows)
    # The engine converts many rows faster than Python would.
    values = [_as_stored(column, types[column], *told) for column, told in table.columns.items()]
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
